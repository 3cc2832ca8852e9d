import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HealthChange, type HealthVerdict, HealthWatch } from '../../src/downstream/health-watch.ts';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import { downstreamOptions } from '../support/downstream-options.ts';
import { ScriptedDownstream } from '../support/scripted-downstream.ts';
import { TestClock } from '../test-clock.ts';

type Blamed = Extract<HealthVerdict, { kind: 'blamed' }>;

const DEAD: Blamed = { kind: 'blamed', blame: 'network', message: 'Downstream one cannot be reached.' };

function watching(...probes: readonly (Blamed | undefined)[]) {
  const clock = new TestClock();
  const changes: HealthChange[] = [];
  const answers = [...probes];
  let asked = 0;
  const watch = new HealthWatch({
    clock,
    random: () => 0.5,
    probe: async () => {
      asked += 1;
      return answers.shift();
    },
    onChange: (change) => changes.push(change),
  });
  return { clock, changes, watch, probes: () => asked };
}

/** Lets the answer of a probe come back. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

test('Each change is told once, with its reason, and the way back without one', async () => {
  const { clock, changes, watch } = watching(DEAD, undefined);
  for (let failure = 0; failure < 4; failure += 1) watch.judged(DEAD);
  assert.deepEqual(changes, [{ state: 'down', message: DEAD.message, blame: 'network' }]);
  clock.advance(1_600);
  await settled();
  assert.equal(watch.state, 'down', 'the first probe failed');
  clock.advance(1_600);
  await settled();
  assert.equal(watch.state, 'up');
  assert.deepEqual(changes.slice(1), [{ state: 'up' }]);
  assert.equal(clock.pending, 0, 'a healthy downstream needs no timer');
});

test('A throttle that names a time rests for that', () => {
  const { clock, watch } = watching();
  watch.judged({ kind: 'blamed', blame: 'throttle', message: 'Downstream one answered 454.', restMs: 2_000 });
  clock.advance(1_999);
  assert.equal(watch.state, 'throttled');
  clock.advance(1);
  assert.equal(watch.state, 'up');
});

test('A throttled downstream rests for its time and is not probed', async () => {
  const { clock, changes, watch, probes } = watching();
  watch.judged({ kind: 'blamed', blame: 'throttle', message: 'Downstream one answered 454.' });
  assert.equal(watch.state, 'throttled');
  clock.advance(60_000);
  await settled();
  assert.deepEqual(
    changes.map(({ state }) => state),
    ['throttled', 'up'],
  );
  assert.equal(probes(), 0);
});

test('After close nothing is probed or told', async () => {
  const { clock, changes, watch, probes } = watching(DEAD);
  watch.judged(DEAD);
  watch.judged(DEAD);
  watch.close();
  clock.advance(10_000);
  await settled();
  assert.equal(probes(), 0);
  assert.equal(changes.length, 1);
  assert.equal(clock.pending, 0);
});

/** Blames a downstream until its circuit is open, and settles with the state after its first probe. */
async function stateAfterProbe(server: ScriptedDownstream): Promise<{ state: string; verbs: string }> {
  const clock = new TestClock();
  const up = Promise.withResolvers<void>();
  const downstream = new SmtpDownstream(
    downstreamOptions(server.port, {
      clock,
      credentials: { username: 'u', password: 'p' },
      onHealth: ({ state }) => {
        if (state === 'up') up.resolve();
      },
    }),
  );
  try {
    downstream.judged(DEAD);
    downstream.judged(DEAD);
    assert.equal(downstream.view().state, 'down');
    clock.advance(2_000);
    await up.promise;
    return {
      state: downstream.view().state,
      verbs: server.commands.map((line) => line.slice(0, 4)).join(' '),
    };
  } finally {
    downstream.destroy();
    await server.stop();
  }
}

test('A probe logs in and leaves, without a mail transaction', async () => {
  const { state, verbs } = await stateAfterProbe(await ScriptedDownstream.start());
  assert.equal(state, 'up');
  assert.match(verbs, /^EHLO AUTH/);
  assert.doesNotMatch(verbs, /MAIL|RCPT|DATA/);
});
