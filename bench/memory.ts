/**
 * `npm run bench:memory -- [--messages 100] [--mib 25] [--hold 3]`
 *
 * Large messages at the same time, each on a connection of its own: once through a downstream that
 * takes them as they come, once through one that takes nothing before all of them wait for it, and lets
 * them wait for some seconds more. Prints the highest resident memory of the router process. Exits 1
 * when a message is lost or cut, when a file stays behind, or when memory passes 400 MiB.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PlainSession } from './hostile/plain-session.ts';
import { startHoldingSink } from './memory/holding-sink.ts';
import { type LargeMailRouter, startLargeMailRouter } from './memory/large-mail-router.ts';

const MAX_PEAK_MIB = 400;
/** The router's own field in front of the content. */
const MAX_TRACE_BYTES = 1_000;
const MIB = 2 ** 20;
/** A run that takes longer has failed. */
const LONGEST_MS = 300_000;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100' },
    mib: { type: 'string', default: '25' },
    hold: { type: 'string', default: '3' },
  },
});
const messages = Number(values.messages);
const content = makeContent(Number(values.mib) * MIB);
const missed: string[] = [];

setTimeout(() => {
  console.log(`MISSED: not done after ${LONGEST_MS / 1_000} s`);
  process.exit(1);
}, LONGEST_MS).unref();
await run('taken as they come', 0);
await run('none taken before all wait', messages);
for (const line of missed) console.log(`MISSED: ${line}`);
process.exit(missed.length === 0 ? 0 : 1);

async function run(name: string, holdUntil: number): Promise<void> {
  const sink = await startHoldingSink(holdUntil);
  const router = await startLargeMailRouter(sink.port, messages);
  try {
    const idleBytes = router.peakRssBytes();
    const began = performance.now();
    const sessions = await PlainSession.hold(router.port, messages, (session) => session.toContent());
    const replies = Promise.all(sessions.map(sendContent));
    if (holdUntil > 0) {
      await sink.isFull;
      await pause(Number(values.hold) * 1_000);
      sink.goOn();
    }
    const refused = (await replies).filter((reply) => !reply.startsWith('250'));
    const seconds = (performance.now() - began) / 1_000;
    for (const session of sessions) session.socket.destroy();
    if (refused.length > 0) missed.push(`${name}: ${refused.length} refused, first ${refused[0]}`);
    requireWhole(name, sink.sizes);
    await requireNoFiles(name, router);
    report(name, router, idleBytes, seconds);
  } finally {
    await router.stop();
    sink.stop();
  }
}

function sendContent(session: PlainSession): Promise<string> {
  session.socket.write(content);
  return session.reply();
}

function requireWhole(name: string, sizes: readonly number[]): void {
  const cut = sizes.filter(
    (bytes) => bytes < content.length - 3 || bytes > content.length - 3 + MAX_TRACE_BYTES,
  );
  if (sizes.length !== messages) missed.push(`${name}: ${sizes.length} of ${messages} reached the sink`);
  if (cut.length > 0) missed.push(`${name}: ${cut.length} have another size`);
}

function report(name: string, router: LargeMailRouter, idleBytes: number, seconds: number): void {
  const peakMib = router.peakRssBytes() / MIB;
  console.log(
    `${messages} x ${values.mib} MiB, ${name}: peak RSS ${peakMib.toFixed(0)} MiB (${(idleBytes / MIB).toFixed(0)} at start), ` +
      `${seconds.toFixed(1)} s, CPU ${router.cpuSeconds().toFixed(1)} s`,
  );
  if (!(peakMib < MAX_PEAK_MIB)) missed.push(`${name}: peak RSS is to be below ${MAX_PEAK_MIB} MiB`);
}

/** They are removed behind the reply. */
async function requireNoFiles(name: string, router: LargeMailRouter): Promise<void> {
  for (let wait = 0; wait < 50 && router.filesLeft() > 0; wait += 1) await pause(100);
  if (router.filesLeft() > 0) missed.push(`${name}: ${router.filesLeft()} temporary files stayed behind`);
}

/** Lines of 78 bytes and the end of data. */
function makeContent(bytes: number): Buffer {
  const lines = Buffer.alloc(bytes, `${'x'.repeat(76)}\r\n`);
  return Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), lines, Buffer.from('\r\n.\r\n')]);
}
