/** Parts of the status, from what the rooms say about themselves. */
import type { PluginStatus } from '@smtp-router/go-plugin/supervisor';
import type { DownstreamView } from '@smtp-router/selector/contract';
import type { DownstreamStatus, PluginState } from './control-message.ts';

/** A plugin for operators. */
export function pluginStateOf(status: PluginStatus): PluginState {
  const { name, state, pid, starts, callsInFlight, missedDeadlines, lastFailure } = status;
  return {
    name,
    state,
    ...(pid !== undefined && { pid }),
    starts,
    callsInFlight,
    missedDeadlines,
    ...(lastFailure !== undefined && {
      lastFailure: { code: lastFailure.error.code, message: lastFailure.error.message },
    }),
  };
}

/** A downstream for operators; its login stays out. */
export function downstreamStatusOf(view: DownstreamView): DownstreamStatus {
  const { id, addr, state, inFlight, latencyMs, hasLatency } = view;
  return { name: id, addr, state, inFlight, ...(hasLatency && { latencyMs }) };
}
