import { BlockList, isIP } from 'node:net';

/**
 * IP networks in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`) or single addresses. An IPv4 address and
 * its IPv6 form (`::ffff:10.0.0.1`), by which listeners on `::` know it, are the same.
 */
export class NetworkList {
  readonly #list = new BlockList();
  /** The last address and its answer: clients that connect often come one after the other. */
  #lastAddress = '';
  #isLastListed: boolean = false;

  /** @throws Error for what is no network; configuration has checked them before. */
  constructor(networks: readonly string[]) {
    for (const network of networks) this.#add(network);
  }

  /** False for anything that is no IP address. The zone of a link-local address (`%eth0`) counts for nothing. */
  has(address: string): boolean {
    if (address !== this.#lastAddress) {
      this.#isLastListed = this.#check(address);
      this.#lastAddress = address;
    }
    return this.#isLastListed;
  }

  #check(address: string): boolean {
    const [plain = ''] = address.split('%');
    const family = isIP(plain);
    return family !== 0 && this.#list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }

  #add(network: string): void {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) this.#list.addAddress(address, family);
    else this.#list.addSubnet(address, Number(prefix), family);
  }
}
