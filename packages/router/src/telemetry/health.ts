/**
 * The bodies of `/healthz` (is the process alive?) and `/readyz` (should mail be sent here?), as pure
 * functions of facts the composition gathers. A body that is not `ok` names every failing part.
 */

/** An HTTP status and the JSON body that goes with it. */
export interface HealthReport {
  readonly status: 200 | 503;
  readonly body: {
    readonly status: 'ok' | 'degraded' | 'failing';
    /** One sentence for each part that is not well: `part: why`. */
    readonly failing: readonly string[];
    readonly parts: readonly PartReport[];
  };
}

/** How one part is. */
export interface PartReport {
  readonly part: string;
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly detail?: string;
}

/** Facts for `/healthz`. */
export interface LivenessFacts {
  /** Mean delay of the event loop lately, in milliseconds. */
  readonly eventLoopDelayMs: number;
}

/** Facts for `/readyz`. */
export interface ReadinessFacts {
  readonly state: 'starting' | 'serving' | 'draining' | 'stopped';
  readonly listeners: readonly { readonly address: string; readonly isListening: boolean }[];
  readonly plugins: readonly PluginHealth[];
  readonly downstreams: readonly {
    readonly name: string;
    readonly isUp: boolean;
    readonly detail?: string;
  }[];
  /** Absent without one. */
  readonly spool?: { readonly isWorking: boolean } | undefined;
}

/** How a plugin is, and whether mail depends on it. */
export interface PluginHealth {
  readonly name: string;
  readonly isReady: boolean;
  /** True when `on_failure` is `tempfail`: without the plugin its users get no mail out. */
  readonly isNeeded: boolean;
  readonly detail?: string;
}

/** An event loop this late serves nobody. */
const MAX_EVENT_LOOP_DELAY_MS = 5_000;

/** Body of `/healthz`: failing = restart the process. */
export function livenessReport(facts: LivenessFacts): HealthReport {
  const isLate = facts.eventLoopDelayMs > MAX_EVENT_LOOP_DELAY_MS;
  return reportOf([
    isLate
      ? failing('event loop', `is ${Math.round(facts.eventLoopDelayMs)} ms late`)
      : { part: 'event loop', status: 'ok' },
  ]);
}

/**
 * Body of `/readyz`: failing = send mail elsewhere. A plugin that is down while `on_failure` decides
 * for it, or one downstream of several, degrades and does not fail: mail still flows. So does a spool
 * that cannot be used, and so do all downstreams while there is one that can.
 */
export function readinessReport(facts: ReadinessFacts): HealthReport {
  return reportOf([
    routerPart(facts.state),
    ...facts.listeners.map(listenerPart),
    ...facts.plugins.map(pluginPart),
    ...downstreamParts(facts),
    ...spoolParts(facts),
  ]);
}

function routerPart(state: ReadinessFacts['state']): PartReport {
  return state === 'serving' ? { part: 'router', status: 'ok' } : failing('router', `is ${state}`);
}

function listenerPart(listener: ReadinessFacts['listeners'][number]): PartReport {
  const part = `listener ${listener.address}`;
  return listener.isListening ? { part, status: 'ok' } : failing(part, 'does not listen');
}

function pluginPart(plugin: PluginHealth): PartReport {
  const part = `plugin ${plugin.name}`;
  if (plugin.isReady) return { part, status: 'ok' };
  const detail = plugin.detail ?? 'is not ready';
  if (plugin.isNeeded) return failing(part, detail);
  return { part, status: 'degraded', detail: `${detail}; on_failure decides` };
}

function spoolParts({ spool }: ReadinessFacts): readonly PartReport[] {
  if (spool === undefined) return [];
  if (spool.isWorking) return [{ part: 'spool', status: 'ok' }];
  return [
    { part: 'spool', status: 'degraded', detail: 'cannot be used; only what is relayed at once is taken' },
  ];
}

function downstreamParts({ downstreams, spool }: ReadinessFacts): readonly PartReport[] {
  const isAnyUp = spool?.isWorking === true || downstreams.some((downstream) => downstream.isUp);
  return downstreams.map(({ name, isUp, detail }) => {
    const part = `downstream ${name}`;
    if (isUp) return { part, status: 'ok' };
    return { part, status: isAnyUp ? 'degraded' : 'failing', detail: detail ?? 'is down' };
  });
}

function failing(part: string, detail: string): PartReport {
  return { part, status: 'failing', detail };
}

function reportOf(parts: readonly PartReport[]): HealthReport {
  const unwell = parts.filter((part) => part.status !== 'ok');
  const isFailing = unwell.some((part) => part.status === 'failing');
  return {
    status: isFailing ? 503 : 200,
    body: {
      status: isFailing ? 'failing' : unwell.length > 0 ? 'degraded' : 'ok',
      failing: unwell.map(({ part, detail }) => `${part}: ${detail ?? 'not well'}`),
      parts,
    },
  };
}
