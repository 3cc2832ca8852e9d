/**
 * Brings a new connection to the point where a mail transaction may begin: TCP, TLS, greeting, EHLO,
 * STARTTLS, AUTH.
 */
import { SmtpClientSession } from '@smtp-router/smtp/client';
import type { AttemptLimit } from './attempt-limit.ts';
import type { DownstreamConnection } from './downstream-connection.ts';
import type { DownstreamOptions } from './downstream-options.ts';
import type { TlsTarget } from './socket-opening.ts';
import { decideTlsPolicy, type TlsPolicy } from './tls-policy.ts';
import type { TrustedAuthorities } from './trusted-authorities.ts';

/** What a session with one downstream is opened with. */
export interface SessionOpeningOptions {
  readonly downstream: DownstreamOptions;
  readonly authorities: TrustedAuthorities;
}

/** True = ready for a transaction; false = the connection's `failure` says why. Never rejects. */
export async function openSession(
  connection: DownstreamConnection,
  options: SessionOpeningOptions,
  limit: AttemptLimit,
): Promise<boolean> {
  connection.setLimit(limit);
  try {
    return await open(connection, options);
  } catch (error) {
    connection.failByDefect(error);
    return false;
  }
}

async function open(connection: DownstreamConnection, options: SessionOpeningOptions): Promise<boolean> {
  const { downstream } = options;
  if (!(await connection.connect(downstream))) return false;
  const policy = decideTlsPolicy(downstream, connection.remoteAddress);
  if (!policy.isUsable) {
    connection.fail('ROUTER_CLEARTEXT_AUTH_REFUSED', 'would get its login unencrypted over a public network');
    return false;
  }
  if (policy.isImplicit && !(await secure(connection, options, policy))) return false;
  connection.start(createSession(downstream, policy));
  return untilReady(connection, options, policy);
}

/** The engine of one connection, by what its address allows. */
export function createSession(downstream: DownstreamOptions, policy: TlsPolicy): SmtpClientSession {
  return new SmtpClientSession({
    heloName: downstream.heloName,
    isTls: policy.isImplicit,
    startTls: policy.startTls,
    isPlaintextAuthAllowed: policy.isPlaintextAuthAllowed,
    ...(downstream.credentials !== undefined && { credentials: downstream.credentials }),
  });
}

async function untilReady(
  connection: DownstreamConnection,
  options: SessionOpeningOptions,
  policy: TlsPolicy,
): Promise<boolean> {
  for (;;) {
    const event = await connection.next();
    if (event.kind === 'ready') return true;
    if (event.kind === 'session-failed' || event.kind === 'broken') return false;
    if (event.kind !== 'tls-wanted') continue;
    if (!(await secure(connection, options, policy))) return false;
    connection.tlsStarted();
  }
}

async function secure(
  connection: DownstreamConnection,
  options: SessionOpeningOptions,
  policy: TlsPolicy,
): Promise<boolean> {
  const target = await tlsTarget(connection, options, policy);
  return target !== undefined && connection.secure(target);
}

async function tlsTarget(
  connection: DownstreamConnection,
  { downstream, authorities }: SessionOpeningOptions,
  { isVerified }: TlsPolicy,
): Promise<TlsTarget | undefined> {
  try {
    const secureContext = await authorities.load();
    return { host: downstream.host, isVerified, secureContext };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    connection.fail('ROUTER_TLS_CA_UNREADABLE', `has a ca_file that cannot be used: ${reason}`);
    return undefined;
  }
}
