// The kit of interop/internal/conformance as a plugin of ours. It prints before it serves, as some programs do.
//
//   node kit.ts [--versions 1,2] [--network tcp]
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  createPluginLogger,
  type LogLevel,
  type RpcBroker,
  type RpcService,
  servePlugin,
} from '@smtp-router/go-plugin/plugin';
import {
  decodeTime,
  encodeTime,
  HANDSHAKE,
  type KitMethod,
  METHODS,
  PLUGIN_NAME,
} from '../support/kit-contract.ts';

console.log('loaded');
process.stdout.write('not a handshake\n');

const { values } = parseArgs({
  options: { versions: { type: 'string', default: '1' }, network: { type: 'string' } },
});
const logger = createPluginLogger({ module: 'kit' });

const CALL = { timeoutMs: 30_000 };

type Handle = (argument: unknown) => unknown;

const same: Handle = (argument) => argument;

/** Fields of an argument that gob made. */
function fieldsOf(argument: unknown): Readonly<Record<string, unknown>> {
  // Test support: gob has fitted the argument to a struct.
  return argument as Readonly<Record<string, unknown>>;
}

function kitOf(version: number, broker: RpcBroker): RpcService {
  let calls = 0;
  const handlers: Partial<Record<KitMethod, Handle>> = {
    Version: () => version,
    Pid: () => process.pid,
    Next: () => (calls += 1),
    Text: same,
    Bytes: same,
    Integer: same,
    Unsigned: same,
    Everything: same,
    Any: same,
    Moment: (when) => encodeTime(decodeTime(when instanceof Uint8Array ? when : new Uint8Array()) + 1000),
    Fail: (text) => {
      throw new Error(String(text));
    },
    Sleep: async (ms) => {
      await (Number(ms) > 0 ? delay(Number(ms)) : new Promise(() => undefined));
      return ms;
    },
    CallBack: async (id) => {
      const channel = await broker.dial(Number(id), CALL);
      const [type] = METHODS.Text;
      return (await channel.call('Text', { type, value: 'called back' }, CALL)).value;
    },
    Offer: () => broker.serve(kitOf(version, broker)),
    Die: () => process.kill(process.pid, 'SIGKILL'),
    Environment: () => Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
    Print: (text) => {
      console.log(`${String(text)} on stdout`);
      console.error(`${String(text)} on stderr`);
      return true;
    },
    Write: (output) => {
      const { Stream, Text, Count } = fieldsOf(output);
      writeSync(Stream === 'stdout' ? 1 : 2, String(Text).repeat(Number(Count)));
      return true;
    },
    Log: (record) => {
      const { Level, Message } = fieldsOf(record);
      // Test support: the Go host names a level.
      logger[Level as LogLevel](String(Message), { number: 7, list: [1, 2], '@message': 3 });
      return true;
    },
  };
  const methods = Object.entries(handlers).map(([name, handle]) => {
    // Test support: the keys of `handlers` are those of `METHODS`.
    const [argument, reply] = METHODS[name as KitMethod];
    return [name, { argument, reply, handle }] as const;
  });
  return Object.fromEntries(methods);
}

const versions = values.versions.split(',').map(Number);
await servePlugin({
  handshake: HANDSHAKE,
  versions: Object.fromEntries(
    versions.map((version) => [version, { [PLUGIN_NAME]: (broker: RpcBroker) => kitOf(version, broker) }]),
  ),
  ...(values.network === 'tcp' && { network: 'tcp' }),
});
