/**
 * From a file to the configuration the router runs by, in steps: read → parse → validate and default →
 * resolve names, paths and passwords → freeze. Every step that can complain collects all it finds.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ConfigProblem } from './config-problem.ts';
import { ConfigScope, type ConfigSurroundings } from './config-scope.ts';
import { type HostPort, isLoopback } from './host-port.ts';
import { DownstreamTable } from './resolve-downstream.ts';
import { resolveListen } from './resolve-listen.ts';
import { SelectorTable } from './resolve-selector.ts';
import { resolveBounces, resolveRetry, resolveSpool } from './resolve-spool.ts';
import { resolveTls } from './resolve-tls.ts';
import { resolveUsers } from './resolve-user.ts';
import type { RouterConfig } from './router-config.ts';
import { salvageDocument } from './salvage.ts';
import { type ConfigDocument, configSchema, DEFAULT_STATE_DIR } from './schema.ts';
import { SchemaIssues } from './schema-issue.ts';
import { NOT_SUPPORTED } from './schema-word.ts';
import { parseYaml, YamlSource } from './yaml-source.ts';

/** A usable configuration, or everything that is wrong with the file. */
export type ConfigResult =
  | { readonly kind: 'ok'; readonly config: RouterConfig; readonly warnings: readonly ConfigProblem[] }
  | { readonly kind: 'bad'; readonly problems: readonly ConfigProblem[] };

export interface LoadOptions {
  /** Default: this process. */
  readonly surroundings?: ConfigSurroundings;
  /** Replaces the listen addresses of the file. */
  readonly listen?: HostPort;
}

/** Longest path of a Unix socket, by platform (sockaddr_un.sun_path without its final NUL). */
const MAX_SOCKET_PATH = process.platform === 'darwin' ? 103 : 107;

/** Reads and resolves a file. Never throws for what stands in it. */
export function loadConfig(file: string, options: LoadOptions = {}): ConfigResult {
  const bytes = readBytes(file);
  if (typeof bytes !== 'string') return parseConfig(file, bytes, options);
  return { kind: 'bad', problems: [unreadable(file, bytes)] };
}

function unreadable(file: string, reason: string): ConfigProblem {
  return { code: 'CONFIG_UNREADABLE', file, path: '', message: `cannot be read: ${reason}` };
}

function readBytes(file: string): Uint8Array | string {
  try {
    return readFileSync(file);
  } catch (error) {
    return readFault(error);
  }
}

/** The same for bytes that were read before; `file` gives messages their name and paths their start. */
export function parseConfig(file: string, bytes: Uint8Array, options: LoadOptions = {}): ConfigResult {
  const source = parseYaml(file, bytes);
  return source instanceof YamlSource ? validate(source, options) : { kind: 'bad', problems: source };
}

function validate(source: YamlSource, options: LoadOptions): ConfigResult {
  const checked = configSchema.safeParse(source.value, { reportInput: true });
  const file = resolve(source.file);
  const scope = new ConfigScope(file, source, options.surroundings ?? surroundingsOfProcess());
  if (!checked.success) {
    const issues = new SchemaIssues(source);
    const problems = checked.error.issues.flatMap((issue) => issues.problemsOf(issue));
    return { kind: 'bad', problems: inFileOrder([...problems, ...furtherProblems(problems, source, scope)]) };
  }
  const config = resolveDocument(file, checked.data, scope, {
    ...options,
    declared: declaredIn(source.value),
  });
  if (scope.problems.length > 0) return { kind: 'bad', problems: inFileOrder(scope.problems) };
  return { kind: 'ok', config: deepFreeze(config), warnings: inFileOrder(scope.warnings) };
}

/** What the later steps find in the sound parts of a file; whatever a known problem explains is left out. */
function furtherProblems(
  known: readonly ConfigProblem[],
  source: YamlSource,
  scope: ConfigScope,
): readonly ConfigProblem[] {
  const document = salvageDocument(source.value);
  if (document === undefined) return [];
  resolveDocument(resolve(source.file), document, scope, { declared: declaredIn(source.value) });
  const isExplained = ({ path }: ConfigProblem) =>
    known.some((other) => isWithin(path, other.path) || isWithin(other.path, path));
  return scope.problems.filter((problem) => !isExplained(problem));
}

/** A place below another; `password_file` and its like count as places of `password`. */
function isWithin(path: string, above: string): boolean {
  if (path === above || above === '') return true;
  return ['.', '[', '_'].some((mark) => path.startsWith(above + mark));
}

interface ResolveContext {
  readonly listen?: HostPort;
  /** Names the file defines, sound or not: referring to one is never a mistake of its own. */
  readonly declared: Readonly<Record<'downstreams' | 'selectors' | 'tls', readonly string[]>>;
}

function declaredIn(value: unknown): ResolveContext['declared'] {
  const keysOf = (key: string): readonly string[] => {
    const section: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    return typeof section === 'object' && section !== null ? Object.keys(section) : [];
  };
  return { downstreams: keysOf('downstreams'), selectors: keysOf('selectors'), tls: keysOf('tls') };
}

function resolveDocument(
  file: string,
  document: ConfigDocument,
  scope: ConfigScope,
  { listen, declared }: ResolveContext,
): RouterConfig {
  const downstreams = new DownstreamTable(document.downstreams, declared.downstreams, scope);
  const selectors = new SelectorTable(document.selectors, declared.selectors, scope);
  const stateDir = resolveStateDir(document.state_dir, scope);
  const spool = resolveSpool(document.spool, stateDir, scope);
  const users = resolveUsers(
    document.users,
    { downstreams, selectors, hasSpool: spool !== undefined },
    scope,
  );
  const emails = document.users.map((user) => user.email);
  const tls = resolveTls(document.tls, scope);
  const hasCertificate = declared.tls.length > 0;
  return {
    file,
    hostname: document.hostname ?? scope.hostname,
    listen: resolveListen(document.listen, { emails, hasCertificate, override: listen }, scope),
    ...(tls === undefined ? {} : { tls }),
    limits: resolveLimits(document.limits),
    timeouts: resolveTimeouts(document.timeouts),
    users,
    downstreams: downstreams.byName,
    selectors: selectors.byName,
    relayBudgetMs: document.relay.budget,
    ambiguous: document.relay.ambiguous,
    spool,
    retry: resolveRetry(document.retry, scope),
    bounces: resolveBounces(document.bounces, declared.downstreams, scope),
    admin: resolveAdmin(document.admin, scope),
    log: document.log,
    stateDir,
    shutdownGraceMs: document.shutdown_grace,
  };
}

function resolveLimits(limits: ConfigDocument['limits']): RouterConfig['limits'] {
  return {
    messageSizeBytes: limits.message_size,
    recipients: limits.recipients,
    connections: limits.connections,
    memoryForMessagesBytes: limits.memory_for_messages,
    connectionsPerAddress: limits.connections_per_address,
  };
}

function resolveTimeouts(timeouts: ConfigDocument['timeouts']): RouterConfig['timeouts'] {
  return {
    clientCommandMs: timeouts.client_command,
    clientDataMs: timeouts.client_data,
    clientTlsMs: timeouts.client_tls,
    transactionMs: timeouts.transaction,
    connectMs: timeouts.connect,
    tlsMs: timeouts.tls,
    greetingMs: timeouts.greeting,
    ehloMs: timeouts.ehlo,
    authMs: timeouts.auth,
    mailMs: timeouts.mail,
    rcptMs: timeouts.rcpt,
    dataMs: timeouts.data,
    dotMs: timeouts.dot,
  };
}

/** Beyond loopback the admin address would need a token, which this release does not have. */
function resolveAdmin(admin: ConfigDocument['admin'], scope: ConfigScope): RouterConfig['admin'] {
  if (admin === 'off') return undefined;
  const { host, port, text } = admin.address;
  if (!isLoopback(host)) {
    const message = `${text} is not loopback, which ${NOT_SUPPORTED} by this release; use 127.0.0.1:${port}`;
    scope.note('CONFIG_NOT_SUPPORTED', ['admin', 'address'], message);
  }
  return { host, port };
}

function resolveStateDir(text: string, scope: ConfigScope): string {
  const stateDir = resolve(scope.directory, text);
  const socket = controlSocketPath(stateDir);
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
    const message = `${socket} is too long for the name of a socket (${MAX_SOCKET_PATH} bytes); name a shorter directory`;
    scope.note('CONFIG_BAD_VALUE', ['state_dir'], message);
  }
  return stateDir;
}

/**
 * The state directory a file names, however wrong the rest of it may be: a command must find the router
 * that runs by an earlier state of the file. Else the problem that hides it.
 */
export function findStateDirectory(file: string): string | ConfigProblem {
  const bytes = readBytes(file);
  if (typeof bytes === 'string') return unreadable(file, bytes);
  const source = parseYaml(file, bytes);
  if (!(source instanceof YamlSource)) return source[0] ?? unreadable(file, 'it is empty');
  const { value } = source;
  const text: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'state_dir') : undefined;
  return resolve(dirname(resolve(file)), typeof text === 'string' ? text : DEFAULT_STATE_DIR);
}

/** Where a running router answers commands. */
export function controlSocketPath(stateDir: string): string {
  return join(stateDir, 'control.sock');
}

function surroundingsOfProcess(): ConfigSurroundings {
  return { env: process.env, cwd: process.cwd(), execPath: process.execPath, hostname: hostname() };
}

function inFileOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.col ?? 0) - (b.col ?? 0));
}

function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  const inner = value instanceof Map ? value.values() : Object.values(value);
  for (const item of inner) deepFreeze(item);
  return value;
}
