import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { parseReattachConfig } from '../../src/handshake/reattach-config.ts';

const WHOLE = {
  Protocol: 'grpc',
  ProtocolVersion: 6,
  Pid: 4711,
  Test: true,
  Addr: { Network: 'unix', String: '/tmp/plugin97' },
};

describe('what a plugin is reattached by', () => {
  it('is read as go-plugin writes it', () => {
    assert.deepEqual(parseReattachConfig(JSON.stringify(WHOLE)), {
      protocol: 'grpc',
      appVersion: 6,
      address: { network: 'unix', path: '/tmp/plugin97' },
      pid: 4711,
      isTest: true,
    });
  });

  it('may leave out protocol, version and test mode', () => {
    const json = '{"Pid":2,"Addr":{"Network":"tcp","String":"127.0.0.1:10000"}}';
    assert.deepEqual(parseReattachConfig(json), {
      protocol: 'netrpc',
      appVersion: 0,
      address: { network: 'tcp', host: '127.0.0.1', port: 10_000 },
      pid: 2,
      isTest: false,
    });
  });

  for (const [what, json] of [
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an unknown protocol', JSON.stringify({ ...WHOLE, Protocol: 'soap' })],
    ['an unknown network', JSON.stringify({ ...WHOLE, Addr: { Network: 'udp', String: 'x' } })],
    ['no address', JSON.stringify({ ...WHOLE, Addr: undefined })],
    ['a broken version', JSON.stringify({ ...WHOLE, ProtocolVersion: 1.5 })],
    ['no process', JSON.stringify({ ...WHOLE, Pid: undefined })],
    ['a process group', JSON.stringify({ ...WHOLE, Pid: -4711 })],
    ['the first process', JSON.stringify({ ...WHOLE, Pid: 1 })],
  ] as const) {
    it(`is refused when it is or has ${what}`, () => {
      assert.throws(
        () => parseReattachConfig(json),
        (error) => error instanceof PluginError && error.code === 'PLUGIN_REATTACH_INVALID',
      );
    });
  }
});
