/** Signals of a router in the foreground: the first drains, the second ends at once. */
import type { RouterHandle } from '../router.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const satisfies readonly NodeJS.Signals[];

type Stoppable = Pick<RouterHandle, 'drain' | 'closed'>;

/**
 * Listens from its making on, before there is a router: a start that is interrupted still ends in order,
 * its plugins with it.
 */
export class StopSignals {
  readonly #context: CommandContext;
  /** Undefined while the router starts. */
  #router: Stoppable | undefined;
  #isAsked: boolean = false;

  constructor(context: CommandContext) {
    this.#context = context;
    for (const signal of SIGNALS) context.process.on(signal, this.#onSignal);
  }

  /** Settles when the router has closed, with exit code 0. */
  async untilClosed(router: Stoppable): Promise<void> {
    this.#router = router;
    if (this.#isAsked) void router.drain();
    await router.closed;
    this.#context.exitWith(EXIT.ok);
  }

  /** Signals have their usual meaning again. */
  release(): void {
    for (const signal of SIGNALS) this.#context.process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const { terminal, process } = this.#context;
    if (this.#isAsked) {
      terminal.error(`${signal} again: ending at once`);
      process.exit(EXIT.failed);
    }
    this.#isAsked = true;
    terminal.error(`${signal}: no new mail, running transactions end first; repeat to end at once`);
    void this.#router?.drain();
  };
}
