/** The faults of `cmd/fault-plugin`, and what the router is to make of each. */

/** One fault; the program knows it by the same name. */
export interface PluginFault {
  /** Of the test, the user and the selector. */
  readonly name: string;
  readonly policy: 'in-order' | 'last-order' | 'tempfail';
  /**
   * Who decides once the fault is committed: the policy until another process runs; the plugin because its
   * fault spoils no answer; either, because that depends on who is faster.
   */
  readonly decides: 'policy' | 'plugin' | 'either';
  /** Code of the fault as logged; none when it is nothing the router could see, or depends on who is faster. */
  readonly code?: string | RegExp;
  /** What the log says of it. */
  readonly shows?: RegExp;
}

/** The end of a process; on a slow machine the end of its connection is noticed long before. */
const ENDED = /^PLUGIN_(?:EXITED|CONNECTION_LOST)$/;

const POLICIES = ['in-order', 'tempfail', 'last-order'] as const;

interface Expectation {
  readonly code?: string | RegExp;
  readonly decides?: 'plugin' | 'either';
  readonly shows?: RegExp;
}

/** Policies take turns, so that each meets many faults. */
function faults(table: Readonly<Record<string, string | RegExp | Expectation>>): readonly PluginFault[] {
  return Object.entries(table).map(([name, expected], index) => ({
    name,
    policy: POLICIES[index % POLICIES.length] ?? 'in-order',
    decides: 'policy' as const,
    ...(typeof expected === 'string' || expected instanceof RegExp ? { code: expected } : expected),
  }));
}

/** A plugin that never says where it listens. */
export const FAULTS_BEFORE_HANDSHAKE = faults({
  mute: 'PLUGIN_START_TIMEOUT',
  leaves: { code: 'PLUGIN_EXITED_EARLY', shows: /I am off/ },
  dies: 'PLUGIN_EXITED_EARLY',
  stopped: 'PLUGIN_START_TIMEOUT',
  closes: 'PLUGIN_START_TIMEOUT',
  garbage: 'PLUGIN_HANDSHAKE_UNRECOGNIZED',
  unfinished: 'PLUGIN_START_TIMEOUT',
  'endless-line': 'PLUGIN_HANDSHAKE_TOO_LONG',
  cookie: { code: 'PLUGIN_EXITED_EARLY', shows: /not meant to be executed directly/ },
});

/** A plugin whose handshake is of no use. */
export const FAULTS_OF_HANDSHAKE = faults({
  refuse: 'PLUGIN_VERSION_UNSUPPORTED',
  core: 'PLUGIN_HANDSHAKE_CORE_VERSION',
  word: 'PLUGIN_HANDSHAKE_APP_VERSION',
  'three-fields': 'PLUGIN_HANDSHAKE_UNRECOGNIZED',
  network: 'PLUGIN_HANDSHAKE_NETWORK',
  transport: 'PLUGIN_HANDSHAKE_PROTOCOL',
  'missing-socket': 'PLUGIN_CONNECT_FAILED',
  file: 'PLUGIN_SOCKET_UNTRUSTED',
  link: 'PLUGIN_SOCKET_UNTRUSTED',
  foreign: process.getuid?.() === 0 ? 'PLUGIN_SOCKET_UNTRUSTED' : 'PLUGIN_EXITED_EARLY',
  'open-tcp': 'PLUGIN_TCP_REFUSED',
});

/** A plugin with nobody behind its socket who could be asked. */
export const FAULTS_BEHIND_HANDSHAKE = faults({
  'never-accepts': 'PLUGIN_OPEN_FAILED',
  'hangs-up': 'PLUGIN_OPEN_FAILED',
  wordless: 'PLUGIN_OPEN_FAILED',
  http: 'PLUGIN_OPEN_FAILED',
  echo: 'PLUGIN_OPEN_FAILED',
});

/** A plugin that fails in calls, or beside them. */
export const FAULTS_IN_CALLS = faults({
  hang: 'PLUGIN_CALL_TIMEOUT',
  exit: ENDED,
  panic: { code: ENDED, shows: /the plugin panicked on purpose/ },
  kill: ENDED,
  stop: 'PLUGIN_CALL_TIMEOUT',
  unknown: 'SELECTOR_UNKNOWN_DOWNSTREAM',
  empty: 'SELECTOR_EMPTY_REPLY',
  crlf: 'SELECTOR_UNKNOWN_DOWNSTREAM',
  mebibyte: 'GOB_MESSAGE_TOO_LONG',
  huge: 'GOB_MESSAGE_TOO_LONG',
  error: 'PLUGIN_CALL_FAILED',
  unsocket: { decides: 'plugin' },
  'bad-log': { decides: 'plugin', shows: /no such level/ },
  'long-line': { decides: 'plugin' },
  fork: ENDED,
  'fork-away': ENDED,
  forks: { decides: 'plugin' },
  deaf: { decides: 'plugin' },
});

/** An answer of a type nobody expects. */
export const FAULTS_OF_TYPE = faults({
  number: 'SELECTOR_REPLY_SHAPE',
  struct: 'SELECTOR_REPLY_SHAPE',
  zeros: 'GOB_LIMIT',
  depth: 'GOB_LIMIT',
  many: 'GOB_LIMIT',
});

/** A plugin that breaks the rules of yamux. */
export const FAULTS_IN_FRAMES = faults({
  'in-pieces': { decides: 'plugin' },
  'bad-version': 'PLUGIN_CONNECTION_LOST',
  'bad-type': 'PLUGIN_CONNECTION_LOST',
  'window-overrun': 'PLUGIN_CONNECTION_LOST',
  'lying-length': 'PLUGIN_CONNECTION_LOST',
  'window-forged': 'PLUGIN_CONNECTION_LOST',
  'stream-reuse': 'PLUGIN_CONNECTION_LOST',
  'wrong-parity': { decides: 'plugin' },
  'many-streams': 'PLUGIN_CONNECTION_LOST',
  'unknown-stream': { decides: 'plugin' },
  'go-away': { decides: 'plugin' },
  'go-away-error': 'PLUGIN_CONNECTION_LOST',
});

/** A plugin that leaves its stream of calls, or breaks the rules of net/rpc and gob on it. */
export const FAULTS_ON_STREAM = faults({
  finish: 'PLUGIN_CONNECTION_LOST',
  reset: 'PLUGIN_CONNECTION_LOST',
  'hang-up': 'PLUGIN_CONNECTION_LOST',
  'half-answer': ENDED,
  drip: 'PLUGIN_CALL_TIMEOUT',
  'gob-length': 'GOB_MESSAGE_TOO_LONG',
  'gob-garbage': 'GOB_MALFORMED',
  'gob-again': { decides: 'plugin' },
  'gob-replay': { decides: 'plugin' },
  'other-answer': 'PLUGIN_CALL_TIMEOUT',
});

/** A plugin that sends without end. */
export const FLOODS = faults({
  flood: { decides: 'plugin', shows: /bytes of std(?:out|err) were thrown away/ },
  'ping-flood': { decides: 'either', code: 'PLUGIN_CONNECTION_LOST' },
  'print-flood': { decides: 'plugin', shows: /bytes of stdout were thrown away/ },
  'print-overrun': { decides: 'either' },
});
