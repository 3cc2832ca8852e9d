import type { Selector } from '@smtp-router/selector/contract';
import { InOrder } from './in-order.ts';
import { RoundRobin } from './round-robin.ts';

/** The built-in strategies, by the name they have in the configuration. */
const STRATEGIES = {
  'in-order': () => new InOrder(),
  'round-robin': () => new RoundRobin(),
} as const satisfies Readonly<Record<string, () => Selector>>;

export type StrategyName = keyof typeof STRATEGIES;

/** Makes a fresh strategy: no turn taken yet. */
export function createStrategy(name: StrategyName): Selector {
  return STRATEGIES[name]();
}
