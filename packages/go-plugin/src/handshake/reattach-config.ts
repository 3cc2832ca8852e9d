/** What a host knows of a plugin it did not start (go-plugin client.go, ReattachConfig), and its JSON. */
import { PluginError } from '../errors.ts';
import { printable } from '../printable.ts';
import { formatAddress } from './format-handshake-line.ts';
import type { PluginProtocol } from './handshake-line.ts';
import { parseAddress } from './parse-handshake-line.ts';
import type { PluginAddress } from './plugin-address.ts';

export interface ReattachConfig {
  readonly protocol: PluginProtocol;
  /** Version of the application protocol the plugin serves. */
  readonly appVersion: number;
  readonly address: PluginAddress;
  readonly pid: number;
  /** Whether the process ends by itself: a kill only hangs up. */
  readonly isTest: boolean;
}

/**
 * Reads the JSON programs hand such plugins over by, in an environment variable or a file:
 * `{"Protocol":"grpc","ProtocolVersion":1,"Pid":123,"Test":true,"Addr":{"Network":"unix","String":"/tmp/plugin1"}}`.
 * `Protocol` may be missing for net/rpc, `ProtocolVersion` for 0 and `Test` for false.
 *
 * @throws PluginError `PLUGIN_REATTACH_INVALID`
 */
export function parseReattachConfig(json: string): ReattachConfig {
  const fields = fieldsOf(parseJson(json));
  const place = fieldsOf(fields.get('Addr'));
  const address = parseAddress(String(place.get('Network')), String(place.get('String')));
  if ('kind' in address) throw invalid(`the plugin ${address.reason}`);
  return {
    protocol: protocolOf(fields.get('Protocol') ?? 'netrpc'),
    appVersion: countOf('ProtocolVersion', fields.get('ProtocolVersion') ?? 0),
    address,
    pid: pidOf(fields.get('Pid')),
    isTest: fields.get('Test') === true,
  };
}

/** What `parseReattachConfig`, and Go programs, read. */
export function formatReattachConfig(config: ReattachConfig): string {
  const { address } = config;
  return JSON.stringify({
    Protocol: config.protocol,
    ProtocolVersion: config.appVersion,
    Pid: config.pid,
    Test: config.isTest,
    Addr: { Network: address.network, String: formatAddress(address) },
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid('it is not JSON');
  }
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('it, or its Addr, is no object');
  }
  return new Map(Object.entries(value));
}

function protocolOf(value: unknown): PluginProtocol {
  if (value === 'netrpc' || value === 'grpc') return value;
  throw invalid(`"${printable(String(value))}" is no protocol`);
}

function countOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw invalid(`${name} is no whole number`);
}

/** 0 and 1 would be our own group, and the one process that may not be ended. */
function pidOf(value: unknown): number {
  const pid = countOf('Pid', value);
  if (pid > 1) return pid;
  throw invalid('Pid is no process of a plugin');
}

function invalid(reason: string): PluginError {
  return new PluginError(
    'PLUGIN_REATTACH_INVALID',
    `What a plugin shall be reattached by is unusable: ${reason}.`,
  );
}
