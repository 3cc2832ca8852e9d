/**
 * Configuration files of the tests. JSON is YAML, so an object is a file.
 */
import { PEER_TLS } from '../peers/peer.ts';

/** The account every test sends under. */
export const ACCOUNT = { user: 'app@example.com', password: 'client-secret-7Q' };

/** What differs between tests. */
export interface ConfigParts {
  /** Ports of downstreams in clear, in order; they are named first, second, … */
  readonly sinks?: readonly number[];
  /** Entries of further downstreams, which follow in the same way. */
  readonly downstreams?: readonly Readonly<Record<string, unknown>>[];
  /** Listeners; one in clear on any port unless given. The certificate is that of the peers. */
  readonly listen?: readonly Readonly<Record<string, unknown>>[];
  /** A strategy, or `mine` for the plugin below. */
  readonly selector: string;
  /** Entry `selectors.mine`. */
  readonly plugin?: Readonly<Record<string, unknown>>;
  /** Login at every one of `sinks`. */
  readonly downstreamLogin?: { readonly user: string; readonly pass: string };
}

const NAMES = ['first', 'second', 'third'];

/** Text of a configuration file for one user. */
export function configText({
  sinks = [],
  downstreams = [],
  listen = [{ address: '127.0.0.1:0' }],
  selector,
  plugin,
  downstreamLogin,
}: ConfigParts): string {
  const inClear = sinks.map((port) => ({ addr: `127.0.0.1:${port}`, tls: 'off', ...downstreamLogin }));
  return JSON.stringify({
    hostname: 'router.example.com',
    listen,
    tls: { cert: PEER_TLS.cert, key: PEER_TLS.key },
    users: [{ email: ACCOUNT.user, password: ACCOUNT.password, selector }],
    downstreams: Object.fromEntries(
      [...inClear, ...downstreams].map((entry, index) => [NAMES[index] ?? `number${index}`, entry]),
    ),
    ...(plugin === undefined ? {} : { selectors: { mine: plugin } }),
    admin: { address: '127.0.0.1:0' },
    log: { level: 'debug', format: 'json' },
    state_dir: './state',
  });
}
