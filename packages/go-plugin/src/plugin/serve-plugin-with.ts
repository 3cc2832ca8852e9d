/**
 * Serving a plugin (go-plugin server.go, Serve): cookie, version, listener, handshake, connections,
 * end. The handshake is the first and only thing on the real stdout; what the program prints travels to
 * the host by the connection, its log by the real stderr.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PluginError } from '../errors.ts';
import { formatHandshakeLine } from '../handshake/format-handshake-line.ts';
import type { HandshakeLine } from '../handshake/handshake-line.ts';
import { negotiateVersion } from '../handshake/negotiate-version.ts';
import type { PluginAddress } from '../handshake/plugin-address.ts';
import {
  checkMagicCookie,
  type PluginEnvironment,
  parsePluginEnvironment,
} from '../handshake/plugin-environment.ts';
import { IN_CLEAR } from '../transport/channel-security.ts';
import type { ServedConnection } from '../transport/served-connection.ts';
import { answerCertificate, type SecurityAnswer } from './answer-certificate.ts';
import { handleEndSignals } from './end-signals.ts';
import { watchParent } from './parent-watch.ts';
import { listen, type PluginListener } from './plugin-listener.ts';
import { createPluginLogger } from './plugin-logger.ts';
import type { PluginServeConfig } from './plugin-serve-config.ts';
import { PrintQueue } from './print-queue.ts';
import { writeRealStderr, writeRealStdout } from './real-streams.ts';
import { redirectWrite } from './redirect-write.ts';
import type { OpenTransport, ProcessLink, ServedTransport } from './served-transport.ts';
import type { TestMode } from './test-mode.ts';

/** How long the program may tidy up after its service ended; hosts kill after 2 s. */
const EXIT_DELAY_MS = 500;

/**
 * Serves until the host says Quit, the parent is gone or SIGTERM comes, then settles; the process exits
 * half a second later whatever it still has open. Without a host's cookie or a place to listen it says
 * so on stderr and exits with status 1.
 */
export async function servePluginWith(config: PluginServeConfig, open: OpenTransport): Promise<void> {
  const service = new PluginService(config, open);
  try {
    await service.start();
  } catch (error) {
    service.end();
    refuse(error);
  }
  await service.ended;
  setTimeout(() => process.exit(), EXIT_DELAY_MS).unref();
}

/**
 * Serves in test mode (go-plugin server.go, ServeTestConfig): no cookie, no handshake line, output where it is,
 * and no end but the signal. Rejects with `PluginError` when there is nothing to serve or nowhere to listen.
 */
export async function servePluginInTestModeWith(
  config: PluginServeConfig,
  test: TestMode,
  open: OpenTransport,
): Promise<void> {
  const service = new PluginService(config, open, test);
  const end = (): void => service.end();
  test.signal.addEventListener('abort', end, { once: true });
  if (test.signal.aborted) end();
  try {
    await service.start();
    await service.ended;
  } finally {
    test.signal.removeEventListener('abort', end);
    service.end();
  }
}

class PluginService {
  readonly #config: PluginServeConfig;
  readonly #open: OpenTransport;
  /** Set in test mode. */
  readonly #test: TestMode | undefined;
  readonly #stdout = new PrintQueue();
  readonly #stderr = new PrintQueue();
  readonly #connections = new Set<ServedConnection>();
  readonly #ended = Promise.withResolvers<void>();
  #listener: PluginListener | undefined;
  /** Those of the broker. */
  readonly #besides = new Set<PluginListener>();
  #answer: SecurityAnswer = { security: IN_CLEAR };
  #isOver: boolean = false;

  constructor(config: PluginServeConfig, open: OpenTransport, test?: TestMode) {
    this.#config = config;
    this.#open = open;
    this.#test = test;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async start(): Promise<void> {
    if (this.#test === undefined) checkCookie(this.#config);
    const environment = parsePluginEnvironment(process.env);
    const appVersion = chooseVersion(this.#config, environment);
    this.#answer = answerCertificate(environment, Date.now());
    const transport = await this.#open(
      this.#config.versions[appVersion] ?? {},
      this.#processLink(environment),
    );
    this.#listener = await this.#listen(environment, (socket) => void this.#accept(socket, transport));
    const offer = { appVersion, protocol: transport.protocol };
    if (this.#test !== undefined) {
      const { address } = this.#listener;
      this.#test.onServing({ ...offer, address, pid: process.pid, isTest: true });
      return;
    }
    this.#watch();
    await this.#announce(this.#listener, { ...offer, environment });
  }

  #listen(environment: PluginEnvironment, onConnection: (socket: Socket) => void): Promise<PluginListener> {
    const network = this.#config.network ?? (process.platform === 'win32' ? 'tcp' : 'unix');
    return listen({ network, environment, onConnection });
  }

  #processLink(environment: PluginEnvironment): ProcessLink {
    return {
      stdout: this.#stdout,
      stderr: this.#stderr,
      onQuit: () => {
        if (this.#test === undefined) this.end();
      },
      security: this.#answer.security,
      isMultiplexed: environment.wantsMultiplex,
      means: {
        listen: (onConnection) => this.#listenBeside(environment, onConnection),
        connect: connectTo,
      },
    };
  }

  /** One more listener, which ends with the service. */
  async #listenBeside(
    environment: PluginEnvironment,
    onConnection: (socket: Socket) => void,
  ): Promise<PluginListener> {
    const listener = await this.#listen(environment, (socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    this.#besides.add(listener);
    return {
      address: listener.address,
      close: () => {
        this.#besides.delete(listener);
        listener.close();
      },
    };
  }

  /** From here on nothing but the handshake line reaches the real stdout. */
  async #announce(
    { address }: PluginListener,
    offer: Pick<HandshakeLine, 'appVersion' | 'protocol'> & { readonly environment: PluginEnvironment },
  ): Promise<void> {
    const { appVersion, protocol, environment } = offer;
    const { certificate } = this.#answer;
    const line = formatHandshakeLine({
      appVersion,
      address,
      protocol,
      ...(certificate !== undefined && { certificate }),
      ...(environment.wantsMultiplex && { multiplex: true }),
    });
    // A host that is gone must not bring the plugin down before it has tidied up.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    redirectWrite(process.stdout, (bytes) => this.#stdout.push(bytes));
    redirectWrite(process.stderr, (bytes) => this.#stderr.push(bytes));
    await writeRealStdout(line);
  }

  #watch(): void {
    handleEndSignals(() => this.end());
    watchParent(() => {
      this.end();
      process.exit(0);
    });
  }

  async #accept(socket: Socket, transport: ServedTransport): Promise<void> {
    // Told by 'close' too, which whoever owns the socket listens to.
    socket.on('error', () => undefined);
    const connection = await transport.accept(socket).catch(reportRefusal);
    if (connection === undefined || this.#isOver) {
      socket.destroy();
      return;
    }
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }

  /** Stops listening, removes the socket file and ends the connections. Idempotent. */
  end(): void {
    this.#isOver = true;
    this.#listener?.close();
    for (const listener of this.#besides) listener.close();
    for (const connection of this.#connections) connection.close();
    this.#ended.resolve();
  }
}

async function connectTo(address: PluginAddress): Promise<Socket> {
  const socket = address.network === 'unix' ? connect(address.path) : connect(address.port, address.host);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    throw new PluginError('PLUGIN_CONNECT_FAILED', 'The host cannot be reached where it said.', { cause });
  } finally {
    socket.on('error', () => undefined);
  }
}

/** Somebody who is not the host, or who speaks no TLS. */
function reportRefusal(error: unknown): undefined {
  const reason = error instanceof Error ? error.message : String(error);
  createPluginLogger().warn('a connection was refused', { reason });
  return undefined;
}

function checkCookie(config: PluginServeConfig): void {
  switch (checkMagicCookie(config.handshake, process.env)) {
    case 'match':
      return;
    case 'unset':
      throw new PluginError(
        'PLUGIN_COOKIE_UNSET',
        'This plugin is misconfigured: its magic cookie has no name or no value.',
      );
    case 'mismatch':
      throw new PluginError(
        'PLUGIN_COOKIE_MISMATCH',
        'This program is a plugin: it is started by the program that uses it and does nothing by itself.\nName its path in the configuration of that program.\n(Its magic cookie was not found in the environment.)',
      );
  }
}

function chooseVersion(config: PluginServeConfig, environment: PluginEnvironment): number {
  const own = Object.keys(config.versions).map(Number);
  if (own.length === 0)
    throw new PluginError('PLUGIN_VERSIONS_EMPTY', 'This plugin is misconfigured: it serves no version.');
  for (const item of environment.ignoredVersions) {
    createPluginLogger().warn('the host lists a version that is not a number', { item });
  }
  return negotiateVersion(own, environment.hostVersions);
}

/** Tells people, not programs, why nothing is served. */
function refuse(error: unknown): never {
  writeRealStderr(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
