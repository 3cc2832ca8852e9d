/**
 * A mail server others wrote, as a downstream: it listens on a port of 127.0.0.1, offers AUTH only after STARTTLS,
 * and takes mail from nobody who has not logged in.
 */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ROOT } from '../support/go-programs.ts';

/** Login that every peer takes. */
export const PEER_LOGIN = { user: 'relay', pass: 'downstream-secret-9X' } as const;

const CERTIFICATES = join(ROOT, 'packages/router/test/support/fixtures/tls');

/** Certificate of 127.0.0.1 and localhost that every peer shows, its key, and the authority that signed it. */
export const PEER_TLS = {
  cert: join(CERTIFICATES, 'good.pem'),
  key: join(CERTIFICATES, 'good.key'),
  authority: join(CERTIFICATES, 'ca.pem'),
} as const;

/** A kind of server. */
export interface Peer {
  readonly name: string;
  /** How lines end in what it keeps. */
  readonly lineEnd: '\n' | '\r\n';
  /** One sentence, without its dot, for each thing that it needs and that is not here; may install what it can. */
  missing(): Promise<readonly string[]>;
  /** Starts one that ends after the test; `folder` is its own. */
  start(t: TestContext, folder: string): Promise<RunningPeer>;
}

/** A running server. */
export interface RunningPeer {
  readonly port: number;
  /** Content of everything it has taken since the last time, its own fields in front. */
  take(): Promise<readonly Buffer[]>;
}

/** Entry of a running peer under `downstreams`. */
export function downstreamEntry(port: number, login: { user: string; pass: string } = PEER_LOGIN) {
  return { addr: `127.0.0.1:${port}`, tls: 'starttls', ca_file: PEER_TLS.authority, ...login };
}
