import type { Selector } from '@smtp-router/selector/contract';
import { InOrder } from './in-order.ts';
import { LeastBusy } from './least-busy.ts';
import { LowestLatency } from './lowest-latency.ts';
import { RandomOrder } from './random.ts';
import { RoundRobin } from './round-robin.ts';
import { Weighted } from './weighted.ts';

/** The built-in strategies, by the name they have in the configuration. */
const STRATEGIES = {
  'in-order': () => new InOrder(),
  'round-robin': () => new RoundRobin(),
  random: () => new RandomOrder(),
  weighted: () => new Weighted(),
  'least-busy': () => new LeastBusy(),
  'lowest-latency': () => new LowestLatency(),
} as const satisfies Readonly<Record<string, () => Selector>>;

export type StrategyName = keyof typeof STRATEGIES;

/** Every strategy name, in the order the documents list them. */
export const STRATEGY_NAMES = Object.keys(STRATEGIES) as readonly StrategyName[];

/** Makes a fresh strategy: no turn taken yet. */
export function createStrategy(name: StrategyName): Selector {
  return STRATEGIES[name]();
}
