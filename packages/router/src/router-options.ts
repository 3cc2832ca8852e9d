/** From the one configuration to the options each room declares for itself. Pure: nothing is opened here. */
import { dirname } from 'node:path';
import { type ExecutableStore, expectChecksum } from '@smtp-router/go-plugin/supervisor';
import type { DownstreamConfig, ListenConfig, PluginConfig, RouterConfig } from './config/router-config.ts';
import type { DownstreamOptions } from './downstream/downstream-options.ts';
import type { ConnectionOptions } from './listener/listener-options.ts';
import type { TlsMaterial } from './listener/tls-material.ts';
import type { PluginSelectionOptions } from './selection/plugin-selection-options.ts';
import type { PasswordUser } from './submission/password-authenticator.ts';
import type { AnonymousAccess, SubmissionOptions } from './submission/submission-options.ts';

/** Size of libuv's pool where the environment says nothing. */
const LIBUV_THREADS = 4;

/** Options of one downstream. */
export function downstreamOptions(downstream: DownstreamConfig, config: RouterConfig): DownstreamOptions {
  const { user, password, isTlsVerified, caFile, cost } = downstream;
  const { maxRecipients, verifiedFrom, rewriteFrom, rewriteMailFrom } = downstream;
  const { connectMs, tlsMs, greetingMs, ehloMs, authMs, mailMs, rcptMs, dataMs, dotMs } = config.timeouts;
  return {
    name: downstream.name,
    host: downstream.host,
    port: downstream.port,
    addr: downstream.addr,
    heloName: config.hostname,
    ...(user !== undefined && password !== undefined && { credentials: { username: user, password } }),
    tls: downstream.tls,
    ...(isTlsVerified !== undefined && { isTlsVerified }),
    ...(caFile !== undefined && { caFile }),
    timeouts: { connectMs, tlsMs, greetingMs, ehloMs, authMs, mailMs, rcptMs, dataMs, dotMs },
    maxConnections: downstream.maxConnections,
    maxMessagesPerConnection: downstream.maxMessagesPerConnection,
    weight: downstream.weight,
    labels: downstream.labels,
    ...(cost !== undefined && { cost }),
    ...(maxRecipients !== undefined && { maxRecipients }),
    ...(verifiedFrom !== undefined && { verifiedFrom }),
    ...(rewriteFrom !== undefined && { rewriteFrom }),
    ...(rewriteMailFrom !== undefined && { rewriteMailFrom }),
  };
}

/** What decides about clients, or keeps their messages, and is shared by all listeners. */
export type Gatekeepers = Required<
  Pick<SubmissionOptions, 'authenticator' | 'brake' | 'senders' | 'storage'>
>;

/** What clients of one listener may do. */
export function submissionOptions(
  listen: ListenConfig,
  config: RouterConfig,
  gatekeepers: Gatekeepers,
): SubmissionOptions {
  const anonymous = anonymousAccess(listen, config);
  return {
    ...gatekeepers,
    hostname: config.hostname,
    isAuthOffered: isAuthOffered(listen),
    isAuthOnlyWithTls: !listen.isPlaintextAuthAllowed,
    ...(anonymous !== undefined && { anonymous }),
    limits: {
      messageSizeBytes: config.limits.messageSizeBytes,
      recipients: config.limits.recipients,
      recipientsByUser: recipientsByUser(config),
    },
  };
}

/**
 * Users all of whose downstreams limit the recipients of a transaction: the most that one of them takes.
 * Nothing is kept here, so that a message with more could not be relayed at all.
 */
function recipientsByUser({ users, downstreams }: RouterConfig): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const user of users.values()) {
    // With a spool a message may go in several transactions.
    if (user.mode !== 'sync') continue;
    const most = user.downstreams.map(
      (name) => downstreams.get(name)?.maxRecipients ?? Number.POSITIVE_INFINITY,
    );
    const limit = Math.max(...most);
    if (Number.isFinite(limit)) limits.set(user.email, limit);
  }
  return limits;
}

/** How the users of a configuration log in. */
export function passwordUsers({ users }: RouterConfig): readonly PasswordUser[] {
  return [...users.values()].map(({ email, login }) =>
    'password' in login ? { email, password: login.password } : { email, passwordHash: login.passwordHash },
  );
}

/**
 * Hashes computed at a time: half of libuv's pool of threads, one at least, so that files and names
 * are still read while many clients log in. `UV_THREADPOOL_SIZE` is what libuv itself goes by.
 */
export function maxConcurrentHashes(env: Readonly<Record<string, string | undefined>>): number {
  const named = Number(env['UV_THREADPOOL_SIZE']);
  const poolSize = Number.isInteger(named) && named > 0 ? named : LIBUV_THREADS;
  return Math.max(1, Math.floor(poolSize / 2));
}

/** What connections of one listener are opened with. */
export function connectionOptions(
  listen: ListenConfig,
  config: RouterConfig,
  material: TlsMaterial | undefined,
): ConnectionOptions {
  const { clientCommandMs, clientDataMs, clientTlsMs, transactionMs } = config.timeouts;
  const isImplicit = listen.tls === 'implicit';
  return {
    session: {
      hostname: config.hostname,
      maxMessageBytes: config.limits.messageSizeBytes,
      maxRecipients: config.limits.recipients,
      auth: listen.auth === 'off' ? [] : ['PLAIN', 'LOGIN'],
      isAuthOnlyWithTls: !listen.isPlaintextAuthAllowed,
      isChunkingOffered: true,
      isSmtpUtf8Offered: true,
      isTls: isImplicit,
      isStartTlsOffered: listen.tls === 'starttls',
    },
    timeouts: { clientCommandMs, clientDataMs, clientTlsMs, transactionMs },
    ...(material !== undefined && listen.tls !== 'off' && { tls: { isImplicit, material } }),
  };
}

/** How one plugin is run and asked. `passwords`: those of downstreams, by name; it may not see them all the same. */
export function pluginOptions(
  plugin: PluginConfig,
  config: RouterConfig,
  passwords: ReadonlyMap<string, string>,
): Omit<PluginSelectionOptions, 'events' | 'registry' | 'clock'> {
  const { name, env, autoMtls, startTimeoutMs, timeoutMs, maxInFlight, onFailure, tail, settings } = plugin;
  const [program = plugin.path, ...rest] = plugin.command;
  return {
    name,
    command: [program, ...rest],
    workingDirectory: dirname(config.file),
    env,
    autoMtls,
    startTimeoutMs,
    timeoutMs,
    maxInFlight,
    onFailure,
    tail,
    settings,
    ...(plugin.isPasswordExposed && { passwords }),
  };
}

/** What processes of a plugin are started from, and which changes replace it. */
export function pluginFiles(
  { path, isWholeProgram, watchedFiles: files, sha256 }: PluginConfig,
  store: ExecutableStore,
): Pick<PluginSelectionOptions, 'prepare' | 'watch'> {
  const isMoreThanChecksum = isWholeProgram && files.length > 1;
  const prepare = () => (isWholeProgram ? store.prepare(path) : store.prepareFiles(files));
  return {
    prepare: sha256 === undefined ? prepare : expectChecksum(prepare, { sha256, path }),
    watch: { files, isMoreThanChecksum },
  };
}

/** Every password and hash of a configuration, and the forms in which AUTH PLAIN and LOGIN carry them. */
export function secretsOf({ users, downstreams, spool }: RouterConfig): readonly string[] {
  const logins = [
    ...[...users.values()].map(({ email, login }) => ({
      user: email,
      password: 'password' in login ? login.password : login.passwordHash,
    })),
    ...[...downstreams.values()].map(({ user = '', password = '' }) => ({ user, password })),
  ].filter(({ password }) => password !== '');
  const ofSpool = spool?.kind === 'postgres' ? databasePasswords(spool.url) : [];
  return [...logins.flatMap(({ user, password }) => secretForms(user, password)), ...ofSpool];
}

/** As written, and as meant. */
function databasePasswords(url: string): readonly string[] {
  const { password } = new URL(url);
  return password === '' ? [] : [password, decodeURIComponent(password)];
}

/** One password, and the forms in which AUTH PLAIN and LOGIN carry it. */
export function secretForms(user: string, password: string): readonly string[] {
  return [
    password,
    Buffer.from(password).toString('base64'),
    Buffer.from(`\0${user}\0${password}`).toString('base64'),
  ];
}

function isAuthOffered(listen: ListenConfig): boolean {
  return listen.auth !== 'off' && (listen.isPlaintextAuthAllowed || listen.tls !== 'off');
}

function anonymousAccess(listen: ListenConfig, config: RouterConfig): AnonymousAccess | undefined {
  if (listen.auth === 'required' || listen.user === undefined) return undefined;
  const user = config.users.get(listen.user);
  return user && { user: user.email, networks: listen.networks };
}
