import type { PluginOutput } from '../host/plugin-output.ts';
import type { PluginFailure } from './plugin-failure.ts';
import type { SupervisorState } from './supervisor-state.ts';

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
  /** A line of a process of this plugin. */
  | { readonly kind: 'output'; readonly name: string; readonly output: PluginOutput };
