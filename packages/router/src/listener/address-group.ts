import { isIPv6 } from 'node:net';

const MAPPED_PREFIX = '0:0:0:0:0:ffff';

/**
 * Whom a client address stands for when clients are counted: an IPv4 address, or the /64 network of an
 * IPv6 address, of which one customer has every address (RFC 4291 §2.5.1). An IPv4 address is the same
 * in its IPv6 form. What is no address is a group of its own.
 */
export function addressGroup(address: string): string {
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return plain;
  const groups = expand(plain);
  const network = groups.map((group) => group.toString(16));
  if (network.slice(0, 6).join(':') === MAPPED_PREFIX) return groups.slice(6).map(dotted).join('.');
  return `${network.slice(0, 4).join(':')}::/64`;
}

/** The eight groups of 16 bits; `::` stands for as many zeros as are missing. */
function expand(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16);
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function dotted(group: number): string {
  return `${group >> 8}.${group & 255}`;
}
