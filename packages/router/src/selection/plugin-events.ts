/** What a supervisor reports, as events of the router. */
import type { PluginOutput as ProcessOutput } from '@smtp-router/go-plugin/host';
import type { SupervisorEvent } from '@smtp-router/go-plugin/supervisor';
import type { EventSink } from '../events/event-sink.ts';
import type { PluginOutput, PluginStateChanged } from '../events/router-event.ts';
import { describeFaultAndRemedy } from './describe-fault.ts';
import { outputText } from './plugin-output-text.ts';

/** Whose events, and where they go. */
export interface PluginEventsOptions {
  /** Name from the configuration. */
  readonly plugin: string;
  readonly sink: EventSink;
  /** Values the plugin was given and may print; they are blanked in its output. */
  readonly secrets: readonly string[];
  /** Starts attempted so far. */
  readonly starts: () => number;
}

/** States of a supervisor in the words of the router's events; `closing` is only on the way to `stopped`. */
const STATE_NAMES = {
  stopped: 'stopped',
  starting: 'starting',
  ready: 'ready',
  restarting: 'restarting',
  failed: 'failed',
  closing: undefined,
} as const;

/** Translates. */
export class PluginEvents {
  readonly #options: PluginEventsOptions;

  constructor(options: PluginEventsOptions) {
    this.#options = options;
  }

  report(event: SupervisorEvent): void {
    const { plugin, sink } = this.#options;
    switch (event.kind) {
      case 'state':
        this.#reportState(event);
        return;
      case 'swapped': {
        const { kind: _kind, ...swap } = event.swap;
        sink.emit({ kind: 'plugin-swapped', plugin, ...swap });
        return;
      }
      case 'swap-failed': {
        const { error } = event.failure;
        const message = describeFaultAndRemedy(plugin, error);
        sink.emit({ kind: 'plugin-swap-failed', plugin, message, faultCode: error.code });
        return;
      }
      case 'warning':
        sink.emit({
          kind: 'plugin-warning',
          plugin,
          message: describeFaultAndRemedy(plugin, event.error),
          faultCode: event.error.code,
        });
        return;
      case 'output':
        this.#reportOutput(event.pid, event.output);
        return;
    }
  }

  #reportState(event: Extract<SupervisorEvent, { kind: 'state' }>): void {
    const { plugin, sink, starts } = this.#options;
    const error = event.failure?.error;
    const state = STATE_NAMES[event.to];
    if (state === undefined) return;
    const changed: PluginStateChanged = {
      kind: 'plugin-state-changed',
      plugin,
      state,
      ...(event.pid !== undefined && { pid: event.pid }),
      restarts: Math.max(0, starts() - 1),
      ...(error && { message: describeFaultAndRemedy(plugin, error), faultCode: error.code }),
    };
    sink.emit(changed);
  }

  #reportOutput(pid: number, output: ProcessOutput): void {
    const { plugin, secrets, sink } = this.#options;
    const text: Pick<PluginOutput, 'level' | 'message'> = outputText(output, secrets);
    sink.emit({ kind: 'plugin-output', plugin, pid, ...text });
  }
}
