/** A plugin of a running router in lines for people. */
import type { PluginFault, PluginState, PluginSwaps } from '../control/control-message.ts';
import { describeFailure } from './describe-error.ts';

/** Digits of a checksum that tell two builds apart. */
const SHORT_SHA256 = 12;

/** What it is doing first; then, indented, what went wrong and what is under way. */
export function pluginLines(plugin: PluginState): readonly string[] {
  const facts = [plugin.state, ...processFacts(plugin), ...counts(plugin)];
  return [
    `plugin ${plugin.name}: ${facts.join(', ')}`,
    ...(plugin.lastFailure === undefined ? [] : [`  last failure${faultText(plugin.lastFailure)}`]),
    ...(plugin.swaps === undefined ? [] : swapLines(plugin.swaps)),
  ];
}

function processFacts({
  pid,
  since,
  version,
  protocol,
  isMutualTls,
  sha256,
}: PluginState): readonly string[] {
  const transport = protocol === undefined ? '' : ` over ${protocol}`;
  return [
    ...(pid === undefined ? [] : [`process ${pid}`]),
    ...(since === undefined ? [] : [`since ${new Date(since).toISOString()}`]),
    ...(version === undefined ? [] : [`contract ${version}${transport}`]),
    ...(isMutualTls === undefined ? [] : [isMutualTls ? 'mutual TLS' : 'in clear']),
    ...(sha256 === undefined ? [] : [`sha256 ${sha256.slice(0, SHORT_SHA256)}`]),
  ];
}

function counts({ starts, missedDeadlines, swaps }: PluginState): readonly string[] {
  const swapped = swaps === undefined ? [] : [`${swaps.swapped} swaps`];
  return [`${starts} starts`, ...swapped, `${missedDeadlines} missed deadlines`];
}

function swapLines({ phase, lastFailure }: PluginSwaps): readonly string[] {
  return [
    ...(phase === undefined ? [] : [`  being replaced: ${phase}`]),
    ...(lastFailure === undefined ? [] : [`  not replaced${faultText(lastFailure)}`]),
  ];
}

function faultText({ at, code, message }: PluginFault): string {
  const when = at === undefined ? '' : ` at ${new Date(at).toISOString()}`;
  return `${when}: ${describeFailure(code, message)}`;
}
