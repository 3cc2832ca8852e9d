import { PluginError } from '../errors.ts';
import type { DispensingConnection, PluginConnection } from '../transport/plugin-connection.ts';

/**
 * The connection of a plugin that is asked over net/rpc only.
 *
 * @throws PluginError `PLUGIN_PROTOCOL_UNSUPPORTED` when the plugin chose gRPC
 */
export function overNetRpc<Connection extends PluginConnection | DispensingConnection>(
  connection: Connection,
): Extract<Connection, { readonly protocol: 'netrpc' }> {
  if (isNetRpc(connection)) return connection;
  throw new PluginError('PLUGIN_PROTOCOL_UNSUPPORTED', 'The plugin serves gRPC where net/rpc is needed.');
}

function isNetRpc<Connection extends { readonly protocol: string }>(
  connection: Connection,
): connection is Extract<Connection, { readonly protocol: 'netrpc' }> {
  return connection.protocol === 'netrpc';
}
