/**
 * Configuration files of the tests. JSON is YAML, so an object is a file.
 */

/** The account every test sends under. */
export const ACCOUNT = { user: 'app@example.com', password: 'client-secret-7Q' };

/** What differs between tests. */
export interface ConfigParts {
  /** Ports of the downstreams, in order; they are named first, second, … */
  readonly sinks: readonly number[];
  /** A strategy, or `mine` for the plugin below. */
  readonly selector: string;
  /** Entry `selectors.mine`. */
  readonly plugin?: Readonly<Record<string, unknown>>;
  /** Login at every downstream. */
  readonly downstreamLogin?: { readonly user: string; readonly pass: string };
}

const NAMES = ['first', 'second', 'third'];

/** Text of a configuration file for one user. */
export function configText({ sinks, selector, plugin, downstreamLogin }: ConfigParts): string {
  return JSON.stringify({
    hostname: 'router.example.com',
    listen: [{ address: '127.0.0.1:0' }],
    users: [{ email: ACCOUNT.user, password: ACCOUNT.password, selector }],
    downstreams: Object.fromEntries(
      sinks.map((port, index) => [
        NAMES[index] ?? `number${index}`,
        { addr: `127.0.0.1:${port}`, tls: 'off', ...downstreamLogin },
      ]),
    ),
    ...(plugin === undefined ? {} : { selectors: { mine: plugin } }),
    admin: { address: '127.0.0.1:0' },
    log: { level: 'debug', format: 'json' },
    state_dir: './state',
  });
}
