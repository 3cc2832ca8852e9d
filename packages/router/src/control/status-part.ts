/** Parts of the status, from what the rooms say about themselves. */
import type { PluginFailure, PluginStatus, SwapResult, SwapStatus } from '@smtp-router/go-plugin/supervisor';
import type { DownstreamView } from '@smtp-router/selector/contract';
import type {
  DownstreamStatus,
  PluginFault,
  PluginState,
  PluginSwaps,
  ReloadResult,
} from './control-message.ts';

/** A plugin for operators. */
export function pluginStateOf(status: PluginStatus): PluginState {
  const { name, state, starts, callsInFlight, missedDeadlines, lastFailure, swaps } = status;
  return {
    name,
    state,
    ...runningPartOf(status),
    starts,
    callsInFlight,
    missedDeadlines,
    ...(lastFailure !== undefined && { lastFailure: faultOf(lastFailure) }),
    swaps: swapsOf(swaps),
  };
}

/** What came of a reload, for operators. */
export function reloadResultOf(plugin: string, result: SwapResult): ReloadResult {
  switch (result.kind) {
    case 'swapped':
      return { plugin, ...result };
    case 'failed': {
      const { code, message } = result.failure.error;
      return { kind: 'failed', plugin, code, message };
    }
    case 'unchanged':
      // A reload is forced, so that its files are not compared.
      return { kind: 'failed', plugin, code: 'ROUTER_INTERNAL', message: 'The plugin was not replaced.' };
  }
}

/** What is known of the process that serves. */
function runningPartOf(status: PluginStatus): Partial<PluginState> {
  const { pid, readyAt, appVersion, protocol, isMutualTls, sha256 } = status;
  return {
    ...(pid !== undefined && { pid }),
    ...(readyAt !== undefined && { since: readyAt }),
    ...(appVersion !== undefined && { version: appVersion }),
    ...(protocol !== undefined && { protocol }),
    ...(isMutualTls !== undefined && { isMutualTls }),
    ...(sha256 !== undefined && { sha256 }),
  };
}

function swapsOf({ lastFailure, ...swaps }: SwapStatus): PluginSwaps {
  return { ...swaps, ...(lastFailure !== undefined && { lastFailure: faultOf(lastFailure) }) };
}

function faultOf({ at, error: { code, message } }: PluginFailure): PluginFault {
  return { at, code, message };
}

/** A downstream for operators; its login stays out. */
export function downstreamStatusOf(view: DownstreamView): DownstreamStatus {
  const { id, addr, state, inFlight, latencyMs, hasLatency } = view;
  return { name: id, addr, state, inFlight, ...(hasLatency && { latencyMs }) };
}
