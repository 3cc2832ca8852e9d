import type { Clock } from '../clock.ts';
import type { HandshakeLine } from '../handshake/handshake-line.ts';
import type { PluginConnection } from '../transport/plugin-connection.ts';
import type { PluginExit } from './plugin-exit.ts';
import type { PluginHost } from './plugin-host.ts';
import type { PluginProcess } from './plugin-process.ts';
import { GRACE_MS, quitWithin } from './quit-within.ts';
import { within } from './within.ts';

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
    await quitWithin(this.connection, this.#process.gone, this.#clock);
    this.connection.close();
    await within(this.#process.gone, GRACE_MS, this.#clock);
    return this.#process.end();
  }
}
