import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { PluginError, type PluginErrorCode } from '@smtp-router/go-plugin/errors';
import { GOB_STRING, GobDecoder } from '@smtp-router/go-plugin/gob';
import { isAlive } from '../test/support/processes.ts';
import { waitFor } from '../test/support/scratch.ts';
import { FIN, RST } from './support/frames.ts';
import { GoHost, type Started } from './support/go-host.ts';
import { CALL, dispenseKit, Kit, launchKit } from './support/go-plugin-kit.ts';
import { METHODS } from './support/kit-contract.ts';
import { makersFor, PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { RawHost } from './support/raw-host.ts';
import { statement } from './support/statement.ts';

describe('net/rpc', () => {
  statement(
    '45. Calls are numbered from 0, and replies find their call in whatever order they come.',
    async (t, release) => {
      const { kit, wire } = await launchKit(t, release);
      const order: unknown[] = [];
      const calls = [400, 1, 2].map((ms) => kit.call('Sleep', ms).then((answer) => order.push(answer)));
      await Promise.all(calls);
      assert.equal(order.at(-1), 400);
      const decoder = new GobDecoder();
      const numbers: unknown[] = [];
      const sent = wire.frames('us').filter(({ streamId }) => streamId === 7);
      // The stream begins with the broker id.
      decoder.receive(Buffer.concat(sent.map(({ payload }) => payload)).subarray(4));
      for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
        if (isRequest(next.value)) numbers.push(next.value.Seq);
      }
      assert.deepEqual(numbers, [0, 1, 2]);
    },
  );

  statement(
    '46. An error takes its empty body along: the next call on the stream works.',
    async (t, release) => {
      const { kit } = await launchKit(t, release);
      const host = await GoHost.start(t, release);
      for (let round = 0; round < 3; round += 1) {
        await assert.rejects(kit.call('Fail', 'on purpose'), /on purpose/);
        assert.equal(await kit.call('Text', 'works'), 'works');
        await assert.rejects(host.call('Fail', 'on purpose'), /^Error: on purpose$/);
        assert.equal(await host.call('Text', 'works'), 'works');
      }
    },
  );

  statement(
    '47. An unknown method, an unknown service and an ill-formed name are refused in the words of Go.',
    async (t, release) => {
      const ours = await GoHost.start(t, release);
      const theirs = await GoHost.start(t, release, { command: await pluginCommand('Go', release) });
      for (const name of ['Nothing', 'Foreign', 'IllFormed']) {
        const [our, their] = await Promise.all([refusal(ours, name), refusal(theirs, name)]);
        assert.equal(our, their);
        assert.match(our, /^rpc: /);
      }
      assert.match(await refusal(ours, 'Mistaken'), /gob/);
      assert.equal(await ours.call('Text', 'usable'), 'usable');
    },
  );

  statement('48. A deadline rejects its caller, and the late reply is dropped.', async (t, release) => {
    const { kit } = await launchKit(t, release);
    await assert.rejects(kit.call('Sleep', 300, 50), hasCode('PLUGIN_CALL_TIMEOUT'));
    assert.equal(kit.channel.pendingCalls, 0);
    assert.equal(await kit.call('Sleep', 500), 500);
    assert.equal(await kit.call('Text', 'in step'), 'in step');
  });

  statement('49. 64 calls at once on one stream are all answered.', async (t, release) => {
    const { kit } = await launchKit(t, release);
    const texts = Array.from({ length: 64 }, (_, index) => `call ${index}`);
    assert.deepEqual(await Promise.all(texts.map((text) => kit.call('Text', text))), texts);
    const host = await GoHost.start(t, release);
    await host.do({ do: 'calls', count: 64 });
  });

  statement(
    '50. A panic in a method, and kill -9, reject every pending call at once.',
    async (t, release) => {
      for (const [method, argument] of [
        ['Panic', 'on purpose'],
        ['Die', true],
      ] as const) {
        const { host, kit } = await launchKit(t, release);
        const pending = Array.from({ length: 20 }, () => kit.call('Sleep', 0, 60_000));
        const began = performance.now();
        const outcomes = await Promise.allSettled([...pending, kit.call(method, argument)]);
        for (const outcome of outcomes) {
          assert.ok(outcome.status === 'rejected' && hasCode('PLUGIN_CONNECTION_LOST')(outcome.reason));
        }
        t.diagnostic(`${method}: ${Math.round(performance.now() - began)} ms`);
        const { signal, status } = await host.exited;
        assert.deepEqual([status, signal], method === 'Panic' ? [2, null] : [null, 'SIGKILL']);
      }
    },
  );

  statement(
    '51. Dispensing an unknown name is an error; dispensing twice gives two objects on two streams.',
    async (t, release) => {
      const { connection, kit, wire } = await launchKit(t, release);
      await assert.rejects(connection.dispense('nobody', CALL), /unknown plugin type: nobody/);
      const second = await dispenseKit(connection);
      assert.deepEqual([await kit.call('Next', true), await kit.call('Next', true)], [1, 2]);
      assert.equal(await second.call('Next', true), 1);
      const streams = new Set(wire.frames('us').map(({ streamId }) => streamId));
      assert.ok(streams.has(7) && streams.has(9));
      const host = await GoHost.start(t, release);
      await assert.rejects(host.do({ do: 'dispense', name: 'nobody' }), /unknown plugin type: nobody/);
      assert.equal(await host.do({ do: 'dispense', name: 'kit' }), 1);
      assert.deepEqual(
        [await host.call('Next', true), await host.call('Next', true), await host.call('Next', true, 1)],
        [1, 2, 1],
      );
    },
  );

  statement(
    '52. Broker ids are four bytes, little-endian, and are answered by the same; a wrong answer closes the stream, and an id nobody comes for is dropped after 5 s.',
    async (t, release) => {
      const { connection, wire } = await launchKit(t, release);
      const [asked, answered] = (['us', 'peer'] as const).map((from) =>
        wire.frames(from).find(({ streamId, payload }) => streamId === 7 && payload.length === 4),
      );
      assert.deepEqual(
        [asked?.payload.toString('hex'), answered?.payload.toString('hex')],
        ['01000000', '01000000'],
      );
      // The answer comes behind its header or by itself.
      wire.alter = (bytes) => Buffer.from(bytes.toString('hex').replace(/02000000$/, '03000000'), 'hex');
      await assert.rejects(dispenseKit(connection), hasCode('PLUGIN_BROKER_FAILED'));
      await waitFor('reset', 10_000, async () => {
        const resets = wire
          .frames('us')
          .filter(({ streamId, flags }) => streamId === 9 && (flags & RST) !== 0);
        return resets.length === 1 ? true : undefined;
      });
      await Promise.all(
        makersFor(release).map(async (maker) => {
          const plugin = await PluginProcess.start(t, await pluginCommand(maker, release));
          const host = new RawHost(await plugin.connect(t));
          host.open(1, 3, 5);
          const id = Buffer.alloc(4);
          id.writeUInt32LE(Number(await host.calls(1).call('Dispenser.Dispense', GOB_STRING, 'kit')));
          await new Promise((resolve) => setTimeout(resolve, 5500));
          host.open(7);
          host.data(7, id);
          // Nobody takes it: the plugin waits 5 s for somebody who would, and closes the stream.
          await host.frame('end', ({ streamId, flags }) => streamId === 7 && (flags & (FIN | RST)) !== 0);
          assert.ok(
            !host.frames.some(({ streamId, payload }) => streamId === 7 && payload.length > 0),
            maker,
          );
        }),
      );
    },
    { '1.6.3': 'takes 11 s', '1.4.10': 'takes 11 s' },
  );

  statement(
    '53. A plugin calls its host through the broker, and the host a second service of the plugin.',
    async (t, release) => {
      const { connection, kit } = await launchKit(t, release);
      const [argument, reply] = METHODS.Text;
      const served = connection.broker.serve({
        Text: { argument, reply, handle: (text) => `${text} indeed` },
      });
      assert.equal(await kit.call('CallBack', served), 'called back indeed');
      const offered = Number(await kit.call('Offer', true));
      const second = new Kit(await connection.broker.dial(offered, CALL));
      assert.equal(await second.call('Text', 'offered'), 'offered');
      const host = await GoHost.start(t, release);
      assert.equal(await host.do({ do: 'callback' }), 'called back');
      assert.equal(await host.do({ do: 'offer' }), 'offered');
    },
  );

  statement(
    '54. Control.Ping and Control.Quit take a boolean, and Kill of a Go host ends our plugin within 2 s and in good order.',
    async (t, release) => {
      const { host: plugin, connection, wire } = await launchKit(t, release);
      await connection.ping(CALL);
      await plugin.kill();
      const control = wire.frames('us').filter(({ streamId }) => streamId === 1);
      const sent = Buffer.concat(control.map(({ payload }) => payload)).toString('hex');
      const quit = Buffer.from('Control.Quit').toString('hex');
      assert.match(sent, new RegExp(`${quit}0102?.{2,4}03020001$`));
      const host = await GoHost.run(t, release);
      const { pid } = await host.do<Started>({ do: 'start' });
      await host.do({ do: 'ping' });
      const { ms, exited } = await host.do<{ ms: number; exited: boolean }>({ do: 'kill' });
      assert.ok(exited && !isAlive(pid));
      const log = (await host.do<string[]>({ do: 'log' })).join('\n');
      assert.doesNotMatch(log, /gracefully|"@level":"(?:warn|error)"/);
      t.diagnostic(`Kill took ${ms} ms`);
    },
  );
});

async function refusal(host: GoHost, name: string): Promise<string> {
  const error = await host.call(name, name === 'Mistaken' ? {} : 'x').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, name);
  return error.message;
}

function isRequest(value: unknown): value is { readonly ServiceMethod: string; readonly Seq: number } {
  return typeof value === 'object' && value !== null && 'ServiceMethod' in value;
}

function hasCode(code: PluginErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof PluginError && error.code === code;
}
