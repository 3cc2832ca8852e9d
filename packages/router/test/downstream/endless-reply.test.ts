/** A downstream that talks without end costs one connection and no memory to speak of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import { downstreamOptions } from '../support/downstream-options.ts';
import { ScriptedDownstream, type ScriptVerb } from '../support/scripted-downstream.ts';
import { testMessage } from '../support/test-message.ts';

const MAX_GROWTH_BYTES = 16 * 1024 * 1024;
const VERBS: readonly ScriptVerb[] = ['connect', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'dot'];

for (const verb of VERBS) {
  for (const fault of ['flood', 'flood-line'] as const) {
    test(`At ${verb} a ${fault} is cut off, with less than 16 MiB more in memory`, async () => {
      const server = await ScriptedDownstream.start({ [verb]: { fault } });
      const credentials = { username: 'login', password: 'secret' };
      const downstream = new SmtpDownstream(downstreamOptions(server.port, { credentials }));
      const peak = new MemoryPeak();
      try {
        const message = testMessage();
        const { end } = await downstream.attempt({
          message,
          recipients: message.envelope.forwardPaths,
          isAllOrNothing: true,
          deadlineAt: performance.now() + 60_000,
        });
        assert.ok(end.kind === 'failed');
        assert.match(end.code, /^SMTP_REPLY_(TOO_LONG|MALFORMED|UNEXPECTED)$/);
        assert.ok(server.floodedBytes < MAX_GROWTH_BYTES, `${server.floodedBytes} bytes were taken`);
        await downstream.close();
        assert.equal(downstream.view().inFlight, 0);
        assert.ok(peak.growthBytes < MAX_GROWTH_BYTES, `${peak.growthBytes} bytes`);
      } finally {
        peak.stop();
        downstream.destroy();
        await server.stop();
      }
    });
  }
}

test('A kept connection that talks without being asked is closed at its first bytes', async () => {
  const server = await ScriptedDownstream.start();
  const downstream = new SmtpDownstream(downstreamOptions(server.port));
  const message = testMessage();
  const request = {
    message,
    recipients: message.envelope.forwardPaths,
    isAllOrNothing: true,
    deadlineAt: performance.now() + 60_000,
  };
  try {
    await downstream.attempt(request);
    server.shout('250-and so on\r\n'.repeat(100_000));
    while (server.open > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await downstream.attempt(request)).end.kind, 'replied');
    assert.equal(server.connections, 2);
  } finally {
    downstream.destroy();
    await server.stop();
  }
});

/** Memory in use beyond that at the beginning, looked at in every turn of the loop; the server's is in it, too. */
class MemoryPeak {
  readonly #startBytes = usedBytes();
  #peakBytes = this.#startBytes;
  #timer: NodeJS.Immediate | undefined;

  constructor() {
    this.#look();
  }

  get growthBytes(): number {
    return this.#peakBytes - this.#startBytes;
  }

  stop(): void {
    clearImmediate(this.#timer);
  }

  #look(): void {
    this.#peakBytes = Math.max(this.#peakBytes, usedBytes());
    this.#timer = setImmediate(() => this.#look());
  }
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
