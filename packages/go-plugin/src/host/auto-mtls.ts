/** AutoMTLS as the host sees it (go-plugin client.go, Start): offered, taken up or not. */
import { PluginError } from '../errors.ts';
import type { HandshakeLine } from '../handshake/handshake-line.ts';
import { type ChannelSecurity, IN_CLEAR } from '../transport/channel-security.ts';
import { isCertificate, mutualTls } from '../transport/mutual-tls.ts';
import type { LaunchPlan } from './launch-plan.ts';

/**
 * Whether host and plugin shall prove to each other who they are. `prefer`: with every plugin that can, in
 * clear on a private Unix socket with one that cannot (go-plugin before 1.0, or a library without it).
 * `require`: only with plugins that can. `off`: not offered.
 */
export type AutoMtls = 'prefer' | 'require' | 'off';

/**
 * What the connection is secured by.
 *
 * @throws PluginError `PLUGIN_TLS_REQUIRED`, `PLUGIN_TLS_UNSUPPORTED`, `PLUGIN_HANDSHAKE_CERTIFICATE`
 */
export function agreeOnSecurity({ certificate }: HandshakeLine, plan: LaunchPlan): ChannelSecurity {
  const { identity, title } = plan;
  if (certificate === undefined) {
    if (plan.autoMtls !== 'require') return IN_CLEAR;
    throw new PluginError(
      'PLUGIN_TLS_REQUIRED',
      `${title} does not take up AutoMTLS, which is required: it sent no certificate.`,
    );
  }
  if (identity === undefined) {
    throw new PluginError(
      'PLUGIN_TLS_UNSUPPORTED',
      `${title} demands TLS with a certificate of its own, which was not offered.`,
    );
  }
  if (!isCertificate(certificate)) {
    throw new PluginError(
      'PLUGIN_HANDSHAKE_CERTIFICATE',
      `${title} sent something that is not a certificate in the sixth field.`,
    );
  }
  return mutualTls({ own: identity, peerCertificate: certificate }, plan.clock);
}
