import { type Selector, validateReply } from '@smtp-router/selector/contract';
import { type Clock, systemClock } from '../clock.ts';
import { type DecideOptions, decide } from './decide.ts';
import { Fallback } from './fallback.ts';
import type { Selection } from './selection.ts';

/** A strategy under its configured name. */
export interface StrategySelectionOptions {
  readonly name: string;
  /** Holds the state of the strategy; belongs to this selection alone. */
  readonly selector: Selector;
  readonly clock?: Pick<Clock, 'now'>;
}

/** Makes a selection of a strategy. Should the strategy be at fault, the configured order is used. */
export function createStrategySelection(options: StrategySelectionOptions): Selection {
  const { name, selector, clock = systemClock } = options;
  const how: DecideOptions = {
    name,
    ask: async (request) => validateReply(await selector.select(request), request, name),
    fallback: new Fallback('in-order'),
    describeFault: (fault) =>
      `Selector "${name}" failed: ${fault instanceof Error ? fault.message : 'it threw'}`,
    now: () => clock.now(),
  };
  return {
    name,
    select: (request) => decide(request, how),
    close: () => Promise.resolve(),
  };
}
