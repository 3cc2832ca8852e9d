/**
 * The configuration as the router uses it: parsed, defaulted, resolved (paths absolute, durations in
 * milliseconds, sizes in bytes, inline downstreams named) and frozen. A reload makes a new one; each
 * session keeps the snapshot it began with.
 */

export interface RouterConfig {
  /** Absolute path of the file, for messages and for finding the control socket. */
  readonly file: string;
  readonly hostname: string;
  readonly listen: readonly ListenConfig[];
  /** Certificate of the listeners; set whenever one of them has TLS. Absolute paths. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly limits: LimitsConfig;
  readonly timeouts: TimeoutsConfig;
  /** By lower-cased email. */
  readonly users: ReadonlyMap<string, UserConfig>;
  /** By name, in file order; inline downstreams get a generated name. */
  readonly downstreams: ReadonlyMap<string, DownstreamConfig>;
  /** By name; a plugin path used directly by a user is an entry too. */
  readonly selectors: ReadonlyMap<string, SelectorConfig>;
  readonly relayBudgetMs: number;
  /** What a client hears when the final reply of a downstream is lost: 451 or 554. */
  readonly ambiguous: 'at_least_once' | 'at_most_once';
  /** Undefined when off. */
  readonly spool: SpoolConfig | undefined;
  readonly retry: { readonly delaysMs: readonly number[]; readonly giveUpAfterMs: number };
  readonly bounces: BouncesConfig;
  /** Loopback address of health checks and metrics; undefined when off. */
  readonly admin: { readonly host: string; readonly port: number } | undefined;
  readonly log: {
    readonly level: LogLevel;
    readonly format: 'auto' | 'json' | 'pretty';
    readonly addresses: 'full' | 'domain' | 'hash';
  };
  readonly stateDir: string;
  readonly shutdownGraceMs: number;
}

export type SpoolConfig =
  /** Absolute path. */
  | { readonly kind: 'sqlite'; readonly path: string; readonly minFreeBytes: number }
  | { readonly kind: 'postgres'; readonly url: string };

export interface BouncesConfig {
  /** Key of `downstreams`; absent = those of the user whose mail failed. */
  readonly via?: string;
  /** `sender`, `none` or an address. */
  readonly to: string;
  /** Absent = MAILER-DAEMON at the host name. */
  readonly from?: string;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface ListenConfig {
  /** Host and port apart; IPv6 without brackets. Port 0 = any free one. */
  readonly host: string;
  readonly port: number;
  readonly tls: 'off' | 'starttls' | 'implicit';
  readonly auth: 'required' | 'optional' | 'off';
  /** Identity of mail without AUTH; set whenever `auth` is not `required`. */
  readonly user?: string;
  readonly networks: readonly string[];
  readonly isPlaintextAuthAllowed: boolean;
  /** Networks of balancers that speak the PROXY protocol. */
  readonly proxyProtocolFrom: readonly string[];
}

export interface LimitsConfig {
  readonly messageSizeBytes: number;
  readonly recipients: number;
  readonly connections: number;
  readonly memoryForMessagesBytes: number;
  /** Of those that have not logged in. */
  readonly connectionsPerAddress: number;
}

/** Milliseconds. */
export interface TimeoutsConfig {
  readonly clientCommandMs: number;
  readonly clientDataMs: number;
  readonly clientTlsMs: number;
  readonly transactionMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly greetingMs: number;
  readonly ehloMs: number;
  readonly authMs: number;
  readonly mailMs: number;
  readonly rcptMs: number;
  readonly dataMs: number;
  readonly dotMs: number;
}

export interface UserConfig {
  readonly email: string;
  /** In clear, or its hash. */
  readonly login:
    | { readonly password: string; readonly passwordFile?: string }
    | { readonly passwordHash: string };
  readonly mode: 'sync' | 'sync_then_spool' | 'spool';
  /** Patterns of addresses the user may send under; absent = any. */
  readonly allowedSenders?: readonly string[];
  /** Key of `selectors`. */
  readonly selector: string;
  /** Keys of `downstreams`, in order; at least one. */
  readonly downstreams: readonly string[];
}

export interface DownstreamConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `host:port` as written. */
  readonly addr: string;
  readonly user?: string;
  readonly password?: string;
  /** Absolute path the password was read from, where it came from a file; it may change there. */
  readonly passwordFile?: string;
  readonly tls: 'auto' | 'starttls' | 'implicit' | 'off';
  /** Absent = checked, except where `auto` uses TLS without needing it for a login. */
  readonly isTlsVerified?: boolean;
  readonly caFile?: string;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly cost?: number;
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  /** Of one transaction; absent = no limit. */
  readonly maxRecipients?: number;
  /** Patterns of addresses it may send from; absent = any. */
  readonly verifiedFrom?: readonly string[];
  /** Address to put into the header From; absent = kept. */
  readonly rewriteFrom?: string;
  /** Address to put into the envelope; absent = kept. */
  readonly rewriteMailFrom?: string;
}

export type SelectorConfig = StrategyConfig | PluginConfig;

export interface StrategyConfig {
  readonly kind: 'strategy';
  readonly name: string;
  readonly strategy: 'in-order' | 'round-robin' | 'random' | 'weighted' | 'least-busy' | 'lowest-latency';
}

export interface PluginConfig {
  readonly kind: 'plugin';
  readonly name: string;
  /** Program and arguments; a .js, .mjs or .ts plugin is run by the router's own Node. */
  readonly command: readonly string[];
  /** File the user named, for messages. */
  readonly path: string;
  /** True when `path` is the whole program, given by `plugin`: then a private copy of a native one is run. */
  readonly isWholeProgram: boolean;
  /** Absolute paths of the files that replace the plugin when they change. */
  readonly watchedFiles: readonly string[];
  /** What the file at `path` must hash to, 64 lower-case hexadecimal digits. */
  readonly sha256: string | undefined;
  readonly autoMtls: 'prefer' | 'require' | 'off';
  readonly env: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly onFailure: 'in-order' | 'last-order' | 'tempfail';
  readonly tail: 'rest' | 'none';
  readonly isPasswordExposed: boolean;
  readonly settings: PluginSettings;
}

/** The plugin's own configuration, as `config` has it. */
export interface PluginSettings {
  /** As JSON text; empty when there is none. */
  readonly json: string;
  /** The place of a path inside of it, as `file:line:col path`; the nearest that is there. */
  locate(path: string): string;
}
