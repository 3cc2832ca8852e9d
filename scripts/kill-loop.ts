/**
 * `npm run kill-loop [-- ROUNDS [SEED]]`: a router under load is killed at random moments, with random faults of its
 * downstreams, and started again on the same spool. At the end every message that was answered 250 must have been
 * delivered, nothing else than what was sent may have been, and no more may have come twice than were in hand
 * at the kills. Exit 0 when all of it holds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultySink } from './kill-loop/faulty-sink.ts';
import { LoadClient } from './kill-loop/load-client.ts';
import { seededRandom } from './kill-loop/random.ts';
import { RouterProcess } from './kill-loop/router-process.ts';

const CLIENTS = 8;
/** A round ends at a random moment within this. */
const ROUND_MS = 900;
/** Everything is delivered long before, or never. */
const DRAIN_MS = 60_000;
const KILLS = ['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const;

const [rounds = 30, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const random = seededRandom(seed);
const directory = mkdtempSync(join(tmpdir(), 'kill-loop-'));
const sinks = [new FaultySink(random), new FaultySink(random)];
for (const sink of sinks) await sink.listen();
const file = join(directory, 'config.yaml');
writeFileSync(
  file,
  [
    'listen: [{ address: "127.0.0.1:0", auth: "off", user: a@example.com }]',
    'admin: off',
    'spool: { min_free: 0B }',
    'retry: { delays: [100ms, 300ms], give_up_after: 1d }',
    'relay: { budget: 500ms }',
    'timeouts: { dot: 2s }',
    'shutdown_grace: 2s',
    'log: { level: error }',
    'users: [{ email: a@example.com, password: x, selector: in-order }]',
    'downstreams:',
    ...sinks.map((sink, index) => `  d${index}: { addr: "127.0.0.1:${sink.port}", max_connections: 20 }`),
  ].join('\n'),
);

/** Ids by what the client heard: 250, or nothing at all. */
const answered = new Set<string>();
const sent = new Set<string>();
let inHand = 0;
let slowestStartMs = 0;

async function round(number: number): Promise<void> {
  const router = await RouterProcess.start(file);
  slowestStartMs = Math.max(slowestStartMs, router.startedInMs);
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    const client = new LoadClient({
      port: router.port,
      prefix: `r${number}-c${index}`,
      sent,
      answered,
      random,
    });
    return { client, running: client.run() };
  });
  for (const sink of sinks) sink.isFaulty = random() < 0.6;
  await new Promise((resolve) => setTimeout(resolve, 50 + random() * ROUND_MS));
  const kill = KILLS[Math.floor(random() * KILLS.length)] ?? 'SIGKILL';
  const underWay = clients.filter(({ client }) => client.isInTransaction).length;
  const waiting = sinks.reduce((sum, sink) => sum + sink.transactions, 0);
  inHand += underWay + waiting;
  await router.kill(kill, random() * 300);
  for (const { client, running } of clients) {
    client.stop();
    await running;
  }
}

for (let number = 1; number <= rounds; number += 1) await round(number);

for (const sink of sinks) sink.isFaulty = false;
const last = await RouterProcess.start(file);
const drainUntil = performance.now() + DRAIN_MS;
const missing = () => [...answered].filter((id) => !sinks.some((sink) => sink.counts.has(id)));
while (missing().length > 0 && performance.now() < drainUntil)
  await new Promise((resolve) => setTimeout(resolve, 50));
// Whatever comes twice comes soon.
await new Promise((resolve) => setTimeout(resolve, 1_000));
await last.kill('SIGTERM', 0);
for (const sink of sinks) await sink.close();

const counts = new Map<string, number>();
for (const sink of sinks)
  for (const [id, count] of sink.counts) counts.set(id, (counts.get(id) ?? 0) + count);
const lost = missing().length;
const ghosts = [...counts.keys()].filter((id) => !sent.has(id)).length;
const twice = [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
const lostAnswers = sinks.reduce((sum, sink) => sum + sink.lostAnswers, 0);
const allowed = inHand + lostAnswers;
console.log(
  `${rounds} rounds (seed ${seed}): ${sent.size} sent, ${answered.size} answered 250; lost ${lost}, ghosts ${ghosts}, ` +
    `twice ${twice} (allowed ${allowed}: ${inHand} in hand at kills, ${lostAnswers} answers withheld by downstreams); ` +
    `slowest start ${Math.round(slowestStartMs)} ms`,
);
rmSync(directory, { recursive: true, force: true });
process.exitCode = lost === 0 && ghosts === 0 && twice <= allowed && answered.size > 0 ? 0 : 1;
