/** AutoMTLS as the plugin sees it (go-plugin server.go, Serve): a host that shows a certificate is shown one. */
import { PluginError } from '../errors.ts';
import type { PluginEnvironment } from '../handshake/plugin-environment.ts';
import { type ChannelSecurity, IN_CLEAR } from '../transport/channel-security.ts';
import { isCertificate, mutualTls } from '../transport/mutual-tls.ts';
import { createTlsIdentity } from '../transport/tls-identity.ts';
import { decodeCertificatePem } from '../x509/pem.ts';

/** How connections of the host are secured. */
export interface SecurityAnswer {
  readonly security: ChannelSecurity;
  /** DER, for the handshake line; absent in clear. */
  readonly certificate?: Uint8Array;
}

/**
 * Mutual TLS with a certificate made for this run when the host sent its own, otherwise in clear.
 *
 * @param now milliseconds since 1970
 * @throws PluginError `PLUGIN_CLIENT_CERTIFICATE`; a Go plugin would start and refuse every connection
 */
export function answerCertificate({ clientCertificate }: PluginEnvironment, now: number): SecurityAnswer {
  if (clientCertificate === undefined) return { security: IN_CLEAR };
  const peerCertificate = decodeCertificatePem(clientCertificate);
  if (peerCertificate === undefined || !isCertificate(peerCertificate)) {
    throw new PluginError(
      'PLUGIN_CLIENT_CERTIFICATE',
      'The plugin cannot serve: PLUGIN_CLIENT_CERT holds something that is not a certificate.',
    );
  }
  const own = createTlsIdentity(now);
  return { security: mutualTls({ own, peerCertificate }), certificate: own.certificate };
}
