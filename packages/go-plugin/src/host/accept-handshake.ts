/** Whether the host can work with what a plugin offered in its first line. */
import { PluginError } from '../errors.ts';
import type { HandshakeLine } from '../handshake/handshake-line.ts';
import { parseHandshakeLine } from '../handshake/parse-handshake-line.ts';
import type { LinePiece } from '../hclog/line-splitter.ts';
import type { LaunchPlan } from './launch-plan.ts';

/** @throws PluginError `PLUGIN_HANDSHAKE_…`, `PLUGIN_VERSION_UNSUPPORTED`, `PLUGIN_PROTOCOL_UNSUPPORTED` */
export function acceptHandshake(piece: LinePiece, plan: LaunchPlan): HandshakeLine {
  if (piece.position !== 'whole') {
    throw new PluginError(
      'PLUGIN_HANDSHAKE_TOO_LONG',
      `${plan.title} printed a first line over 64 KiB instead of a handshake.`,
    );
  }
  const parse = parseHandshakeLine(piece.bytes);
  if (parse.kind === 'refused') throw new PluginError(parse.code, `${plan.title} ${parse.reason}.`);
  checkOffer(parse.line, plan);
  return parse.line;
}

function checkOffer(line: HandshakeLine, plan: LaunchPlan): void {
  if (plan.multiplex && line.protocol === 'grpc' && line.multiplex !== true) {
    throw new PluginError(
      'PLUGIN_MULTIPLEX_UNSUPPORTED',
      `${plan.title} cannot multiplex its gRPC connections, which was asked for.`,
    );
  }
  if (!plan.versions.includes(line.appVersion)) {
    throw new PluginError(
      'PLUGIN_VERSION_UNSUPPORTED',
      `${plan.title} serves version ${line.appVersion}, this host speaks ${plan.versions.join(', ')}.`,
    );
  }
  if (!plan.protocols.includes(line.protocol)) {
    throw new PluginError(
      'PLUGIN_PROTOCOL_UNSUPPORTED',
      `${plan.title} serves ${line.protocol}, this host takes ${plan.protocols.join(', ')}.`,
    );
  }
}
