import type { StartTlsUse } from '@smtp-router/smtp/client';
import type { DownstreamOptions } from './downstream-options.ts';
import { isPrivateAddress } from './private-address.ts';

/** How a connection to one address is to be protected. */
export interface TlsPolicy {
  /** TLS is made before the first byte; `startTls` then has no meaning. */
  readonly isImplicit: boolean;
  readonly startTls: StartTlsUse;
  /** The certificate must be good, or TLS is refused. */
  readonly isVerified: boolean;
  /** The login may be sent without TLS. */
  readonly isPlaintextAuthAllowed: boolean;
  /** False = the login would cross a public network in clear: the connection must not be used. */
  readonly isUsable: boolean;
}

/**
 * Decides by the address a connection was made to, not by the name: a name may lie about where it is.
 * Credentials never cross a public network in clear, and unless it is asked for never to a server
 * whose certificate was not checked: whoever can cut the wire could hold up any certificate.
 */
export function decideTlsPolicy(
  options: Pick<DownstreamOptions, 'tls' | 'credentials' | 'isPrivate' | 'isTlsVerified'>,
  remoteAddress: string,
): TlsPolicy {
  const isPrivate = options.isPrivate ?? isPrivateAddress;
  const isExposed = options.credentials !== undefined && !isPrivate(remoteAddress);
  const isOpportunistic = options.tls === 'auto' && !isExposed;
  const policy = {
    isImplicit: false,
    isVerified: options.isTlsVerified ?? !isOpportunistic,
    isPlaintextAuthAllowed: !isExposed,
    isUsable: true,
  };
  switch (options.tls) {
    case 'implicit':
      return { ...policy, isImplicit: true, startTls: 'never' };
    case 'starttls':
      return { ...policy, startTls: 'required' };
    case 'auto':
      return { ...policy, startTls: isExposed ? 'required' : 'when-offered' };
    case 'off':
      return { ...policy, startTls: 'never', isUsable: !isExposed };
  }
}
