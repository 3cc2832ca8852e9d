/**
 * `npm run bench:black-hole -- [--rate 50] [--seconds 15]`
 *
 * One of two downstreams vanishes: its packets are dropped under an open-loop load, and come through
 * again later. Prints how long messages then waited for their final answer, and how soon the healed
 * downstream was used again. Needs Linux with `unshare`, `nsenter` and `ip`; everything happens in
 * network namespaces of its own, which end with the processes, so that nothing of the machine changes.
 *
 * A message is `at once` when it began between the first dropped packet and the moment the router said
 * that the downstream is down. Those who waited till then are answered together: `opening` are the
 * messages that began in the quarter of a second behind them, `once open` the further ones until healing. Messages without an answer at
 * the end are those whose final dot was sent into the hole: the router waits for their reply.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FarSide, NEAR_ADDRESS } from './black-hole/far-side.ts';
import { type Answer, OpenLoop } from './black-hole/open-loop.ts';
import { startSink } from './black-hole/sink.ts';
import { portAnswers, startChild } from './harness/child.ts';
import { missingTool } from './harness/tools.ts';

const BIN = join(import.meta.dirname, '..', 'packages', 'router', 'bin', 'smtp-router.js');
const LISTEN_PORT = 2525;
const SINK_PORT = 2600;
const HEALTHY_MS = 4_000;
const HEALED_MS = 9_000;
const OPENING_MS = 250;

const { values: options } = parseArgs({
  options: {
    inside: { type: 'boolean', default: false },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '15' },
  },
});

if (options.inside) await main();
else process.exitCode = enterNamespace();

/** Runs this program again in a network namespace of its own. */
function enterNamespace(): number {
  const missing = ['unshare', 'nsenter', 'ip'].map(missingTool).filter((line) => line !== undefined);
  if (missing.length > 0) {
    console.error(`The black hole needs: ${missing.join('; ')} (Debian: util-linux, iproute2).`);
    return 1;
  }
  const args = ['-rn', process.execPath, import.meta.filename, '--inside', ...process.argv.slice(2)];
  const timeoutMs = HEALTHY_MS + Number(options.seconds) * 1_000 + HEALED_MS + 60_000;
  const { status } = spawnSync('unshare', args, { stdio: 'inherit', timeout: timeoutMs });
  return status ?? 1;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'black-hole-'));
  const far = await FarSide.start(SINK_PORT);
  const near = await startSink('127.0.0.1', SINK_PORT);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, configuration(folder, far.address));
  const router = startChild(process.execPath, [BIN, 'serve', '-c', file]);
  const changes: { readonly at: number; readonly state: string }[] = [];
  router.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
    for (const [, state = ''] of text.matchAll(/downstream far is (\w+)/g)) {
      changes.push({ at: performance.now(), state });
    }
  });
  const load = new OpenLoop(LISTEN_PORT, Number(options.rate));
  try {
    await portAnswers(LISTEN_PORT);
    load.start();
    await sleep(HEALTHY_MS);
    const holeAt = performance.now();
    far.dropPackets();
    await requireSilence(far);
    await sleep(Number(options.seconds) * 1_000 - (performance.now() - holeAt));
    const healedAt = performance.now();
    far.letThrough();
    const usedAt = far.nextTaken();
    await sleep(HEALED_MS);
    load.stop();
    const downAt = changes.find(({ at, state }) => state === 'down' && at > holeAt)?.at ?? healedAt;
    report(load.answers, { holeAt, downAt, healedAt, usedAt: await usedAt });
    console.log(`unanswered (dot sent into the hole): ${load.unanswered}`);
  } finally {
    load.stop();
    far.letThrough();
    await router.stop();
    await near.close();
    await far.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A refused connection would show another fault than the one that is meant. */
async function requireSilence(far: FarSide): Promise<void> {
  const outcome = await far.probe(500);
  if (outcome !== 'silent') throw new Error(`the black hole does not work: a connection is ${outcome}`);
}

function configuration(folder: string, farAddress: string): string {
  return [
    'hostname: router.bench',
    `listen: [{ address: "127.0.0.1:${LISTEN_PORT}" }]`,
    'users: [{ email: app@load.test, password: secret, selector: round-robin }]',
    'downstreams:',
    `  near: { addr: "127.0.0.1:${SINK_PORT}", tls: off }`,
    `  far: { addr: "${farAddress}:${SINK_PORT}", tls: off }`,
    'admin: off',
    'log: { format: json }',
    'shutdown_grace: 1s',
    `state_dir: ${join(folder, 'state')}`,
    '',
  ].join('\n');
}

interface Times {
  readonly holeAt: number;
  readonly downAt: number;
  readonly healedAt: number;
  readonly usedAt: number | undefined;
}

function report(answers: readonly Answer[], { holeAt, downAt, healedAt, usedAt }: Times): void {
  const between = (from: number, to: number): readonly Answer[] =>
    answers.filter(({ begunAt }) => begunAt >= from && begunAt < to);
  console.log(`${options.rate} msg/s, round-robin over two downstreams, one behind ${NEAR_ADDRESS}`);
  console.log('| phase | messages | not 250 | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|---|');
  console.log(row('healthy', between(0, holeAt)));
  console.log(row('at once', between(holeAt, downAt)));
  console.log(row('opening', between(downAt, downAt + OPENING_MS)));
  console.log(row('once open', between(downAt + OPENING_MS, healedAt)));
  console.log(row('healed', between(healedAt, Number.POSITIVE_INFINITY)));
  console.log(`down after ${seconds(downAt - holeAt)} s`);
  const used = usedAt === undefined ? 'not within the run' : `after ${seconds(usedAt - healedAt)} s`;
  console.log(`used again ${used} of healing`);
}

function row(name: string, answers: readonly Answer[]): string {
  const sorted = answers.map(({ begunAt, endedAt }) => endedAt - begunAt).sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(1);
  const refused = answers.filter(({ code }) => code !== '250').length;
  return `| ${[name, sorted.length, refused, at(0.5), at(0.99), at(1)].join(' | ')} |`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(2);
}
