import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DecidedBy, FaultStage } from './support/fault-stage.ts';
import {
  FAULTS_BEFORE_HANDSHAKE,
  FAULTS_BEHIND_HANDSHAKE,
  FAULTS_IN_CALLS,
  FAULTS_IN_FRAMES,
  FAULTS_OF_HANDSHAKE,
  FAULTS_OF_TYPE,
  FAULTS_ON_STREAM,
  FLOODS,
  type PluginFault,
} from './support/plugin-faults.ts';
import { hasTools } from './support/tools.ts';

/** Faults of a group happen at once, each to a user of its own; mail of one more user flows beside them. */
const TOGETHER = { timeout: 300_000, concurrency: true };

describe('a plugin that fails harms nobody but its own users, and those as declared', () => {
  const groups: ReadonlyMap<string, readonly PluginFault[]> = new Map([
    ['before its handshake', FAULTS_BEFORE_HANDSHAKE],
    ['in its handshake', FAULTS_OF_HANDSHAKE],
    ['behind its handshake', FAULTS_BEHIND_HANDSHAKE],
    ['in calls', FAULTS_IN_CALLS],
    ['by the type of its answer', FAULTS_OF_TYPE],
    ['in its frames', FAULTS_IN_FRAMES],
    ['on its stream', FAULTS_ON_STREAM],
    ['by floods', FLOODS],
  ]);
  for (const [where, faults] of groups) {
    it(`${where}: ${faults.length} faults`, TOGETHER, async (t) => {
      if (!hasTools(t, ['go'])) return;
      const stage = await FaultStage.start(t, faults);
      const descriptors = stage.descriptors();
      const suffering = faults.map((fault) =>
        t.test(`${fault.name}, on_failure: ${fault.policy}`, async () => {
          const deciders = await stage.suffer(fault);
          assertDecided(deciders, fault);
          await assertShown(stage, fault);
          if (!where.endsWith('handshake')) await stage.assertReadyAgain(fault.name);
          await stage.assertNoStartStorm(fault.name);
        }),
      );
      await Promise.all(suffering);
      await t.test('no message of anybody else failed', () => stage.assertNoOtherHarmed());
      await t.test('no descriptor is left', () => stage.assertDescriptorsKept(descriptors, faults.length));
      await t.test('no process and no socket is left', () => stage.assertNothingLeft());
    });
  }
});

function assertDecided(deciders: readonly DecidedBy[], { decides, policy }: PluginFault): void {
  switch (decides) {
    case 'plugin':
      assert.deepEqual(new Set(deciders), new Set([policy === 'last-order' ? 'either' : 'plugin']));
      return;
    case 'policy':
      assert.ok(
        deciders.some((decider) => decider !== 'plugin'),
        deciders.join(' '),
      );
      return;
    case 'either':
      return;
  }
}

async function assertShown(stage: FaultStage, { name, decides, code, shows }: PluginFault): Promise<void> {
  if (code !== undefined) await stage.faultShows(name, code);
  if (shows !== undefined) await stage.outputShows(shows);
  if (decides === 'plugin') assert.deepEqual(stage.faultCodes(name), new Set());
}
