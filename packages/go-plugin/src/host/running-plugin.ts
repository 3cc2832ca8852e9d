import type { Clock } from '../clock.ts';
import type { HandshakeLine } from '../handshake/handshake-line.ts';
import type { PluginConnection } from '../transport/plugin-connection.ts';
import type { PluginExit } from './plugin-exit.ts';
import type { PluginHost } from './plugin-host.ts';
import type { PluginProcess } from './plugin-process.ts';
import { within } from './within.ts';

/** How long the plugin may take to answer Quit. go-plugin waits for ever. */
const QUIT_MS = 1000;

/** From Quit to the first signal (go-plugin client.go, Kill: 2 s). */
const GRACE_MS = 2000;

export interface RunningPluginOptions {
  readonly process: PluginProcess;
  readonly handshake: HandshakeLine;
  readonly isMutualTls: boolean;
  readonly connection: PluginConnection;
  readonly clock: Clock;
}

/** A plugin that is up. */
export class RunningPlugin implements PluginHost {
  readonly #process: PluginProcess;
  readonly #handshake: HandshakeLine;
  readonly #clock: Clock;
  readonly isMutualTls: boolean;
  readonly connection: PluginConnection;
  /** The kill under way or done; set once. */
  #killing: Promise<PluginExit> | undefined;

  constructor(options: RunningPluginOptions) {
    this.#process = options.process;
    this.#handshake = options.handshake;
    this.#clock = options.clock;
    this.isMutualTls = options.isMutualTls;
    this.connection = options.connection;
    // Calls cannot be answered any more: they fail at the exit, not when the socket is noticed to be dead.
    void options.process.gone.then(() => options.connection.close());
  }

  get pid(): number {
    return this.#process.pid;
  }

  get appVersion(): number {
    return this.#handshake.appVersion;
  }

  get protocol(): 'netrpc' | 'grpc' {
    return this.#handshake.protocol;
  }

  get exited(): Promise<PluginExit> {
    return this.#process.exited;
  }

  kill(): Promise<PluginExit> {
    this.#killing ??= this.#kill();
    return this.#killing;
  }

  async #kill(): Promise<PluginExit> {
    await this.#quit();
    this.connection.close();
    await within(this.#process.gone, GRACE_MS, this.#clock);
    return this.#process.end();
  }

  /** Asks the plugin to end. The answer is often lost with the plugin, so no failure counts. */
  async #quit(): Promise<void> {
    const quit = this.connection.quit({ timeoutMs: QUIT_MS }).catch(() => undefined);
    await within(Promise.race([quit, this.#process.gone]), QUIT_MS, this.#clock);
  }
}
