/** Signals of a running router: the first drains, the second ends at once. */
import type { RouterHandle } from '../router.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const satisfies readonly NodeJS.Signals[];

/** Settles when the router has closed; from then on signals have their usual meaning again. */
export async function untilDrained(
  router: Pick<RouterHandle, 'drain' | 'closed'>,
  { process, terminal, exitWith }: CommandContext,
): Promise<void> {
  let isDraining = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isDraining) {
      terminal.error(`${signal} again: ending at once`);
      process.exit(EXIT.failed);
    }
    isDraining = true;
    terminal.error(`${signal}: no new mail, running transactions end first; repeat to end at once`);
    void router.drain();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await router.closed;
    exitWith(EXIT.ok);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
