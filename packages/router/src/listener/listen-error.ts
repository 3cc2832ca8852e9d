import { RouterError } from '../errors.ts';

/** Names the address and the reason when an address cannot be listened on. */
export function listenError(address: string, cause: NodeJS.ErrnoException): RouterError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new RouterError('ROUTER_ADDRESS_IN_USE', `${address} is already in use by another program`, {
        cause,
      });
    case 'EACCES':
      return unusable(address, 'this process may not use the port', cause);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return unusable(address, 'it is no address of this machine', cause);
    default:
      return unusable(address, cause.code ?? cause.message, cause);
  }
}

function unusable(address: string, reason: string, cause: Error): RouterError {
  return new RouterError('ROUTER_ADDRESS_UNUSABLE', `cannot listen on ${address}: ${reason}`, { cause });
}
