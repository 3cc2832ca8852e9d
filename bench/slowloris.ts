/**
 * `npm run bench:slowloris -- [--idle 2000] [--half-commands 500] [--half-data 150] [--messages 300]`
 *
 * One hostile address against one honest client: connections that stay idle, that drip a command and
 * that drip content, while a client logs in and sends one mail per connection. Prints the latency of
 * the honest mail, the memory an idle connection costs, and how far memory grows under input without
 * end. Exits 1 when a bound is passed.
 *
 * The warm-up before idle connections is short: free room in a heap that was larger before would hide
 * what they cost. Twice as many are opened for the figure, so that steps of the heap even out.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { growthUnderEndlessInput } from './hostile/endless-input.ts';
import { type HostileRouter, startHostileRouter } from './hostile/hostile-router.ts';
import { PlainSession } from './hostile/plain-session.ts';
import { startQuickSink } from './hostile/quick-sink.ts';

const MAX_P99_MS = 1_000;
const MAX_IDLE_KIB = 10;
const MAX_GROWTH_MIB = 16;
/** How long the heap is left alone before memory is read. */
const SETTLE_MS = 3_000;
const DRIP_MS = 1_000;

const { values } = parseArgs({
  options: {
    idle: { type: 'string', default: '2000' },
    'half-commands': { type: 'string', default: '500' },
    'half-data': { type: 'string', default: '150' },
    messages: { type: 'string', default: '300' },
  },
});
const counts = {
  idle: Number(values.idle),
  halfCommands: Number(values['half-commands']),
  halfData: Number(values['half-data']),
  messages: Number(values.messages),
};
const missed: string[] = [];

await underSlowloris();
await underEndlessInput();
for (const line of missed) console.log(`MISSED: ${line}`);
process.exit(missed.length === 0 ? 0 : 1);

async function underSlowloris(): Promise<void> {
  const sink = await startQuickSink();
  const router = await startHostileRouter(sink.port);
  try {
    for (let sent = 0; sent < 50; sent += 1) await PlainSession.sendMail(router.port);
    const before = await settledRss(router);
    const idle = await holdIdle(router);
    const between = await settledRss(router);
    const second = await holdIdle(router);
    const after = await settledRss(router);
    const perIdle = (after - before) / (2 * counts.idle) / 1_024;
    console.log(
      `RSS ${mib(before)} before, ${mib(between)} with ${counts.idle} idle connections, ${mib(after)} with twice as many`,
    );
    report(`${perIdle.toFixed(1)} KiB per idle connection`, perIdle <= MAX_IDLE_KIB, `${MAX_IDLE_KIB} KiB`);
    for (const session of second) session.socket.destroy();
    await honestMailBeside(router, idle);
  } finally {
    await router.stop();
    sink.stop();
  }
}

function holdIdle({ port }: HostileRouter): Promise<readonly PlainSession[]> {
  return PlainSession.hold(port, counts.idle, (session) => session.hello());
}

async function honestMailBeside(router: HostileRouter, idle: readonly PlainSession[]): Promise<void> {
  const halfCommands = await PlainSession.hold(router.port, counts.halfCommands, async (session) => {
    await session.hello();
    session.socket.write('MAIL FROM:<slow');
  });
  const halfData = await PlainSession.hold(router.port, counts.halfData, async (session) => {
    await session.toContent();
    session.socket.write('Subject: slow');
  });
  const dripping = setInterval(() => {
    for (const session of [...halfCommands, ...halfData]) if (session.isOpen) session.socket.write('s');
  }, DRIP_MS);
  const latencies: number[] = [];
  for (let sent = 0; sent < counts.messages; sent += 1)
    latencies.push(await PlainSession.sendMail(router.port));
  clearInterval(dripping);
  const held = [...idle, ...halfCommands, ...halfData];
  const open = held.filter((session) => session.isOpen).length;
  latencies.sort((left, right) => left - right);
  const at = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
  console.log(`${open} of ${held.length} hostile connections held throughout, RSS ${mib(router.rssBytes())}`);
  report(
    `${latencies.length} honest mails, p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`,
    at(0.99) < MAX_P99_MS,
    `p99 ${MAX_P99_MS} ms`,
  );
  for (const session of held) session.socket.destroy();
}

async function underEndlessInput(): Promise<void> {
  for (const { what, sentBytes, growthBytes } of await growthUnderEndlessInput()) {
    const growth = `endless ${what}: ${mib(sentBytes)} sent, RSS grew by ${mib(growthBytes)} at most`;
    report(growth, growthBytes < MAX_GROWTH_MIB * 2 ** 20, `${MAX_GROWTH_MIB} MiB`);
  }
}

async function settledRss(router: HostileRouter): Promise<number> {
  await pause(SETTLE_MS);
  return router.rssBytes();
}

function report(figure: string, holds: boolean, bound: string): void {
  console.log(`${figure} (bound ${bound})`);
  if (!holds) missed.push(`${figure}; bound ${bound}`);
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
