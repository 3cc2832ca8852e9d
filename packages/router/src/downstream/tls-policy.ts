import type { DownstreamOptions } from './downstream-options.ts';
import { isPrivateAddress } from './private-address.ts';

/** What a connection must do about STARTTLS. `implicit` TLS has been made before the first byte. */
export type StartTlsUse = 'required' | 'when-offered' | 'never';

/** How a connection to one address is to be protected. */
export interface TlsPolicy {
  readonly isImplicit: boolean;
  readonly startTls: StartTlsUse;
  /** False = the login would cross a public network in clear: the connection must not be used. */
  readonly isAuthAllowed: boolean;
}

/**
 * Decides by the address a connection was made to, not by the name: a name may lie about where it is.
 * Credentials never cross a public network in clear.
 */
export function decideTlsPolicy(
  options: Pick<DownstreamOptions, 'tls' | 'credentials'>,
  remoteAddress: string,
): TlsPolicy {
  const isExposed = options.credentials !== undefined && !isPrivateAddress(remoteAddress);
  switch (options.tls) {
    case 'implicit':
      return { isImplicit: true, startTls: 'never', isAuthAllowed: true };
    case 'starttls':
      return { isImplicit: false, startTls: 'required', isAuthAllowed: true };
    case 'auto':
      return { isImplicit: false, startTls: isExposed ? 'required' : 'when-offered', isAuthAllowed: true };
    case 'off':
      return { isImplicit: false, startTls: 'never', isAuthAllowed: !isExposed };
  }
}
