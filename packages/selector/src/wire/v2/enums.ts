/** Numbers of the enums of `selector.proto`, by position; one of a later release reads as the first. */
import type { DownstreamState, VerdictReply } from '../../contract/index.ts';

/** `DownstreamState`. */
const STATES = [
  'unspecified',
  'up',
  'probing',
  'throttled',
  'down',
  'disabled',
] as const satisfies readonly DownstreamState[];

const STATE_NUMBERS = new Map<DownstreamState, number>(STATES.map((state, number) => [state, number]));

export function stateNumber(state: DownstreamState): number {
  return STATE_NUMBERS.get(state) ?? 0;
}

/** A state this release does not know is `unspecified`. */
export function stateOf(number: number): DownstreamState {
  return STATES[number] ?? 'unspecified';
}

/** `Verdict`; 0 is none. */
const VERDICTS = [undefined, 'defer', 'reject', 'hold'] as const;

export function verdictNumber(kind: VerdictReply['kind']): number {
  return VERDICTS.indexOf(kind);
}

/** Undefined for 0; `unknown` for a verdict of a later release, which nobody here can act on. */
export function verdictOf(number: number): VerdictReply['kind'] | 'unknown' | undefined {
  return number >= 0 && number < VERDICTS.length ? VERDICTS[number] : 'unknown';
}
