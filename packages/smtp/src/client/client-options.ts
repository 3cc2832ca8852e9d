import type { ReplyLimits } from '../grammar/reply-reader.ts';
import type { Credentials, SaslClientMechanism } from '../sasl/mechanism.ts';

/** What a session does about STARTTLS (RFC 3207). TLS from the first byte is the transport's: `isTls`. */
export type StartTlsUse = 'required' | 'when-offered' | 'never';

/** What one client session is opened with. */
export interface SmtpClientOptions extends ReplyLimits {
  /** Argument of EHLO: our domain name or an address literal (RFC 5321 §4.1.1.1). */
  readonly heloName: string;
  /** True when the transport is TLS from the first byte. Default false. */
  readonly isTls?: boolean;
  /** Default `when-offered`: in clear when STARTTLS is not offered or refused. */
  readonly startTls?: StartTlsUse;
  /** With them the session is ready only after AUTH succeeded, and fails when AUTH is not offered. */
  readonly credentials?: Credentials;
  /** Credentials may be sent in clear. Default false. */
  readonly isPlaintextAuthAllowed?: boolean;
  /** Mechanisms in order of preference. Default PLAIN, LOGIN. */
  readonly mechanisms?: readonly SaslClientMechanism[];
}
