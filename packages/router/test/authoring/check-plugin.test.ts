import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkPlugin } from '../../src/authoring/check-plugin.ts';
import type { CheckStep, LoadReport } from '../../src/authoring/check-step.ts';
import type { PluginTarget } from '../../src/authoring/plugin-target.ts';
import { RouterError } from '../../src/errors.ts';
import { examplePlugin, fixturePath } from '../support/fixture-path.ts';

function target(file: string, more: Partial<PluginTarget> = {}): PluginTarget {
  return {
    name: 'mine',
    command: [process.execPath, file],
    env: {},
    settings: { json: '', locate: (path) => `my.yaml:1:1 ${path}` },
    ...more,
  };
}

async function check(find: () => PluginTarget, load?: { inFlight: readonly number[]; durationMs: number }) {
  const steps: CheckStep[] = [];
  const reports: LoadReport[] = [];
  const result = await checkPlugin({
    find,
    downstreams: ['ses', 'own'],
    onStep: (step) => void steps.push(step),
    onLoad: (report) => void reports.push(report),
    ...(load !== undefined && { load }),
  });
  return { ...result, steps, reports, names: steps.map(({ name }) => name) };
}

const LAUNCH = ['file', 'start', 'handshake', 'version', 'transport', 'tls', 'connect'];

describe('A check', () => {
  it('goes through every step of a version 2 plugin, under load', async () => {
    const { isOk, steps, names, reports } = await check(() => target(examplePlugin()), {
      inFlight: [1, 4],
      durationMs: 20,
    });
    assert.ok(isOk, JSON.stringify(steps));
    assert.deepEqual(names, [
      ...LAUNCH,
      'dispense',
      'describe',
      'configure',
      'select',
      'ping',
      'load',
      'end',
    ]);
    const select = steps.find(({ name }) => name === 'select');
    assert.match(select?.detail ?? '', /^ses, own \(.*\); first [\d.]+ ms, then [\d.]+ ms$/);
    assert.deepEqual(
      reports.map(({ inFlight, failed }) => [inFlight, failed]),
      [
        [1, 0],
        [4, 0],
      ],
    );
    assert.ok(reports.every(({ calls, p50Ms, p99Ms }) => calls > 0 && p99Ms >= p50Ms && p50Ms > 0));
  });

  it('tells whether the plugin took up AutoMTLS', async () => {
    const detail = async (autoMtls: 'require' | 'off') => {
      const { steps } = await check(() => target(examplePlugin(), { autoMtls }));
      return steps.find(({ name }) => name === 'tls')?.detail ?? '';
    };
    assert.match(await detail('require'), /^AutoMTLS/);
    assert.match(await detail('off'), /^in clear/);
  });

  it('leaves out what version 1 does not have', async () => {
    const { isOk, names } = await check(() => target(fixturePath('version-1.ts')));
    assert.ok(isOk);
    assert.deepEqual(names, [...LAUNCH, 'dispense', 'select', 'ping', 'end']);
  });

  it('notices a plugin that takes turns though nothing is sent', async () => {
    const file = fileURLToPath(new URL('fixtures/turning.ts', import.meta.url));
    const { isOk, steps } = await check(() => target(file));
    assert.ok(isOk);
    const select = steps.find(({ name }) => name === 'select');
    assert.match(select?.detail ?? '', /^ses, own .*; it changes its mind though nothing is sent/);
  });

  it('names a file that is not there', async () => {
    const { isOk, steps } = await check(() => {
      throw new RouterError('CONFIG_PLUGIN_MISSING', 'there is no plugin');
    });
    assert.equal(isOk, false);
    assert.deepEqual(
      steps.map(({ name, isOk: ok, code }) => [name, ok, code]),
      [['file', false, 'CONFIG_PLUGIN_MISSING']],
    );
  });

  it('names the handshake of a program that is no plugin', async () => {
    const { steps } = await check(() => target(fixturePath('no-plugin.mjs')));
    const { name, code, detail } = steps.at(-1) ?? {};
    assert.deepEqual([name, code], ['handshake', 'PLUGIN_HANDSHAKE_UNRECOGNIZED']);
    assert.match(detail ?? '', /hello, I am something else/);
  });

  it('names a refused configuration by its place, and ends the process', async () => {
    const settings = { json: '{"tag":5}', locate: (path: string) => `my.yaml:3:7 ${path}` };
    const file = fileURLToPath(new URL('fixtures/particular.ts', import.meta.url));
    const { steps, names } = await check(() => target(file, { settings }));
    assert.deepEqual(names.slice(-3), ['describe', 'configure', 'end']);
    const refused = steps.at(-2);
    assert.deepEqual([refused?.isOk, refused?.code], [false, 'SELECTOR_CONFIG_REFUSED']);
    assert.match(refused?.detail ?? '', /my\.yaml:3:7 tag: must be text/);
    assert.ok(steps.at(-1)?.isOk);
  });

  it('names a selection that fails, with what the plugin wrote', async () => {
    const file = fileURLToPath(new URL('fixtures/particular.ts', import.meta.url));
    const { steps, output } = await check(() => target(file, { env: { FAIL: 'with these words' } }));
    const failed = steps.at(-2);
    assert.deepEqual([failed?.name, failed?.isOk], ['select', false]);
    assert.match(failed?.detail ?? '', /with these words/);
    assert.deepEqual(output.at(-1), 'about to fail');
  });
});
