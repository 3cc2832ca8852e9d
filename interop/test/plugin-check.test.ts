import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPlugin } from '../../packages/router/src/authoring/check-plugin.ts';
import type { CheckStep } from '../../packages/router/src/authoring/check-step.ts';
import { goProgram } from './support/go-programs.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };

async function check(program: string, json = '') {
  const steps: CheckStep[] = [];
  const { isOk } = await checkPlugin({
    find: () => ({ name: 'mine', command: [program], env: {}, settings: { json, locate: (path) => path } }),
    downstreams: ['ses', 'own'],
    load: { inFlight: [1, 8, 64], durationMs: 100 },
    onStep: (step) => void steps.push(step),
  });
  return { isOk, steps, names: steps.map(({ name }) => name).join(' ') };
}

describe('plugin check', () => {
  it('goes through every step of compiled plugins of both versions', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const launch = 'file start handshake version transport tls connect dispense';
    const first = await check(await goProgram('plugins', './round_robin'));
    assert.ok(first.isOk, JSON.stringify(first.steps));
    assert.equal(first.names, `${launch} select ping load end`);
    const second = await check(await goProgram('plugins', './cheapest_healthy'));
    assert.ok(second.isOk, JSON.stringify(second.steps));
    assert.equal(second.names, `${launch} describe configure select ping load end`);
  });

  it('names what a compiled plugin refuses', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const program = await goProgram('plugins', './by_recipient_domain');
    const { isOk, steps } = await check(program, '{"domains":{"a.b":[]}}');
    assert.equal(isOk, false);
    const failed = steps.find((step) => !step.isOk);
    assert.deepEqual([failed?.name, failed?.code], ['configure', 'SELECTOR_CONFIG_REFUSED']);
  });
});
