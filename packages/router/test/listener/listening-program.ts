/** Run by file-descriptors.test.ts: a listener that says yes to everything and prints its events. */
import { ConnectionSlots } from '../../src/listener/connection-slots.ts';
import { SmtpListener } from '../../src/listener/smtp-listener.ts';
import { RecordingHandler } from './recording-handler.ts';

let sessions = 0;
const listener = new SmtpListener(
  {
    host: '127.0.0.1',
    port: 0,
    slots: new ConnectionSlots(10_000),
    connection: {
      session: { hostname: 'router.example.com' },
      timeouts: { clientCommandMs: 60_000, clientDataMs: 60_000, clientTlsMs: 60_000, transactionMs: 60_000 },
    },
    nextSessionId: () => {
      sessions += 1;
      return `s${sessions}`;
    },
  },
  () => new RecordingHandler(),
  { emit: (event) => process.stdout.write(`${JSON.stringify(event)}\n`) },
);
const { port } = await listener.listen();
process.stdout.write(`${JSON.stringify({ kind: 'listening', port })}\n`);
process.stdin.once('end', () => listener.close()).resume();
