import type { Clock } from '../clock.ts';
import type { ReattachConfig } from '../handshake/reattach-config.ts';
import type { PluginConnection } from '../transport/plugin-connection.ts';
import type { ForeignProcess } from './foreign-process.ts';
import type { PluginExit } from './plugin-exit.ts';
import type { PluginHost } from './plugin-host.ts';
import { GRACE_MS, quitWithin } from './quit-within.ts';
import { removeSocketDirectory } from './socket-directory.ts';
import { within } from './within.ts';

/** How long a killed process may take to be gone. */
const REAP_MS = 2000;

/** Nobody tells how a process ends that is no child of ours, nor what it wrote. */
const UNSEEN: PluginExit = { status: null, signal: null, lastLines: [] };

export interface ReattachedPluginOptions {
  readonly config: ReattachConfig;
  readonly process: ForeignProcess;
  readonly connection: PluginConnection;
  readonly socketDirectory: string;
  readonly clock: Clock;
}

/** A plugin that is up, of another's making. */
export class ReattachedPlugin implements PluginHost {
  readonly #config: ReattachConfig;
  readonly #process: ForeignProcess;
  readonly #clock: Clock;
  readonly isMutualTls = false;
  readonly connection: PluginConnection;
  readonly exited: Promise<PluginExit>;
  /** The kill under way or done; set once. */
  #killing: Promise<PluginExit> | undefined;

  constructor(options: ReattachedPluginOptions) {
    this.#config = options.config;
    this.#process = options.process;
    this.#clock = options.clock;
    this.connection = options.connection;
    this.exited = options.process.gone.then(async () => {
      options.connection.close();
      await removeSocketDirectory(options.socketDirectory);
      return UNSEEN;
    });
  }

  get pid(): number {
    return this.#config.pid;
  }

  get appVersion(): number {
    return this.#config.appVersion;
  }

  get protocol(): 'netrpc' | 'grpc' {
    return this.#config.protocol;
  }

  kill(): Promise<PluginExit> {
    this.#killing ??= this.#config.isTest ? this.#hangUp() : this.#kill();
    return this.#killing;
  }

  /** Leaves the process alone (go-plugin client.go, ReattachConfig.Test). */
  #hangUp(): Promise<PluginExit> {
    this.connection.close();
    this.#process.letGo();
    return this.exited;
  }

  async #kill(): Promise<PluginExit> {
    await quitWithin(this.connection, this.#process.gone, this.#clock);
    this.connection.close();
    const isGone = await within(
      this.#process.gone.then(() => true),
      GRACE_MS,
      this.#clock,
    );
    if (isGone === undefined) this.#process.kill();
    await within(this.#process.gone, REAP_MS, this.#clock);
    this.#process.letGo();
    return this.exited;
  }
}
