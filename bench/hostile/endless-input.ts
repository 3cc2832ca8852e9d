import { setTimeout as pause } from 'node:timers/promises';
import { type HostileRouter, startHostileRouter } from './hostile-router.ts';
import { PlainSession, warmUp } from './plain-session.ts';
import { type SinkMood, startQuickSink } from './quick-sink.ts';

/** Small against the bound, so that growth is not the message that may be kept. */
const LIMITS = 'limits: { message_size: 1MiB }';
const PIECE = Buffer.alloc(65_536, 0x78);
const ENDLESS_BYTES = 256 * 2 ** 20;
/** Attempts at a downstream that floods; each ends when the router hangs up. */
const FLOODED_MAILS = 20;

/** What input without end did to the router's memory. */
export interface EndlessInput {
  readonly what: string;
  readonly sentBytes: number;
  /** Highest resident memory seen, less that before. */
  readonly growthBytes: number;
}

/**
 * Command line, header line and both forms of a downstream's reply, each against a router of its own
 * that has seen the same once: the first time shows how much garbage the runtime lets lie, the second
 * whether anything is kept.
 */
export async function growthUnderEndlessInput(): Promise<readonly EndlessInput[]> {
  return [
    await fromClient('command line', (session) => session.hello()),
    await fromClient('header line', async (session) => {
      await session.toContent();
      session.socket.write('X-Endless: ');
    }),
    await fromDownstream('reply of many lines', 'endless-lines'),
    await fromDownstream('reply line', 'endless-line'),
  ];
}

async function fromClient(
  what: string,
  begin: (session: PlainSession) => Promise<void>,
): Promise<EndlessInput> {
  const sink = await startQuickSink();
  const router = await startHostileRouter(sink.port, LIMITS);
  try {
    await warmUp(router.port);
    await pour(router, begin);
    const growth = watchGrowth(router);
    const sentBytes = await pour(router, begin);
    return { what, sentBytes, growthBytes: growth() };
  } finally {
    await router.stop();
    sink.stop();
  }
}

/** Sends until the router has enough of it; answers the bytes it took. */
async function pour(
  { port }: HostileRouter,
  begin: (session: PlainSession) => Promise<void>,
): Promise<number> {
  const session = new PlainSession(port);
  await begin(session);
  while (session.socket.bytesWritten < ENDLESS_BYTES && session.isOpen) {
    if (!session.socket.write(PIECE)) await Promise.race([session.drained(), session.closed]);
  }
  session.socket.destroy();
  return session.socket.bytesWritten;
}

async function fromDownstream(what: string, mood: SinkMood): Promise<EndlessInput> {
  const sink = await startQuickSink(mood);
  const router = await startHostileRouter(sink.port, LIMITS);
  try {
    await refusedMail(router.port);
    await pause(1_000);
    const growth = watchGrowth(router);
    for (let sent = 0; sent < FLOODED_MAILS; sent += 1) await refusedMail(router.port);
    return { what, sentBytes: sink.floodedBytes(), growthBytes: growth() };
  } finally {
    await router.stop();
    sink.stop();
  }
}

async function refusedMail(port: number): Promise<void> {
  const session = new PlainSession(port);
  await session.toContent();
  await session.ask('Subject: x\r\n\r\nx\r\n.', '4');
  session.socket.destroy();
}

/** Samples resident memory; the returned function stops and answers the growth. */
function watchGrowth(router: HostileRouter): () => number {
  const before = router.rssBytes();
  let peak = before;
  const sample = (): void => {
    peak = Math.max(peak, router.rssBytes());
  };
  const timer = setInterval(sample, 50);
  return () => {
    clearInterval(timer);
    sample();
    return peak - before;
  };
}
