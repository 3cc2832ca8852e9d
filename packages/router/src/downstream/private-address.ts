import { BlockList, isIP } from 'node:net';

/** Loopback, link-local and private ranges (RFC 1122 §3.2.1.3, RFC 1918, RFC 3927, RFC 4193, RFC 4291 §2.5). */
const PRIVATE_SUBNETS = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const;

const PRIVATE = new BlockList();
for (const [network, prefix, family] of PRIVATE_SUBNETS) PRIVATE.addSubnet(network, prefix, family);

/**
 * True when an IP address (no host name) never leaves this machine or this network. IPv4 addresses
 * mapped into IPv6 count as IPv4.
 */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
