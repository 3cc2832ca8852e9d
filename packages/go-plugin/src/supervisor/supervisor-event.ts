import type { PluginError } from '../errors.ts';
import type { PluginOutput } from '../host/plugin-output.ts';
import type { PluginFailure } from './plugin-failure.ts';
import type { SupervisorState } from './supervisor-state.ts';
import type { SwapResult } from './swap-result.ts';

/** What happens to a supervised plugin, in order. */
export type SupervisorEvent =
  /** Once per change of state: repeated failures in one state are only counted. */
  | {
      readonly kind: 'state';
      readonly name: string;
      readonly from: SupervisorState;
      readonly to: SupervisorState;
      /** The process that became ready. */
      readonly pid?: number;
      /** Why a process was lost or did not come up. */
      readonly failure?: PluginFailure;
    }
  /** A newcomer serves in place of the process before it. */
  | {
      readonly kind: 'swapped';
      readonly name: string;
      readonly swap: Extract<SwapResult, { kind: 'swapped' }>;
    }
  /** A newcomer came to nothing; nothing else changed. */
  | { readonly kind: 'swap-failed'; readonly name: string; readonly failure: PluginFailure }
  /** Something an operator should know of, that costs no call; told once until it changes. */
  | { readonly kind: 'warning'; readonly name: string; readonly error: PluginError }
  /** A line of a process of this plugin. */
  | { readonly kind: 'output'; readonly name: string; readonly pid: number; readonly output: PluginOutput };
