import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { goProgram } from './support/go-programs.ts';
import { lines } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { sendWithSmtplib } from './support/senders.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 120_000 };
const LOGIN = { user: 'relay-account', pass: 'downstream-secret-9X' };
const ENVIRONMENT_SECRET = 'environment-secret-4K';

/** What `fault-plugin -report` writes. */
interface Sight {
  readonly environment: readonly string[];
  readonly arguments: readonly string[];
  readonly downstreams: readonly { readonly Addr: string; readonly User: string; readonly Pass: string }[];
}

describe('secrets', () => {
  it(
    'reach neither a log line nor the environment, the arguments or the requests of a plugin',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go', 'python3'])) return;
      const folder = await scratchFolder(t);
      const report = join(folder, 'sight.json');
      const program = await goProgram('interop', './cmd/fault-plugin');
      const sink = await startCapturingSink(t);
      const router = await RouterProcess.start(t, {
        folder,
        config: configText({
          sinks: [sink.port],
          selector: 'mine',
          plugin: { command: [program, '-report', report], env: { GIVEN: 'on purpose' } },
          downstreamLogin: LOGIN,
        }),
        env: { SOME_API_KEY: ENVIRONMENT_SECRET },
      });
      const file = join(folder, 'message.eml');
      await writeFile(file, lines('Subject: secret', '', 'Hello.'));
      const submission = { port: await router.port(), ...ACCOUNT, recipients: ['a@example.net'], file };
      const [sent] = await sendWithSmtplib(submission);
      assert.equal(sent?.code, 250, sent?.text);
      const [refused] = await sendWithSmtplib({ ...submission, password: `${ACCOUNT.password}-wrong` });
      assert.equal(refused?.code, 535);
      await router.stop();

      // Written by fault-plugin, which states the shape.
      const text = await readFile(report, 'utf8');
      const sight = JSON.parse(text) as Sight;
      assert.deepEqual(sight.downstreams, [{ Addr: `127.0.0.1:${sink.port}`, User: LOGIN.user, Pass: '' }]);
      assert.ok(sight.environment.includes('GIVEN=on purpose'));
      assert.ok(sight.environment.includes('SMTP_ROUTER_PLUGIN=hello'));
      assert.deepEqual(sight.arguments.slice(1), ['-report', report]);
      for (const secret of [ACCOUNT.password, LOGIN.pass, ENVIRONMENT_SECRET].flatMap(spellings)) {
        assert.ok(!text.includes(secret), 'a plugin saw a secret');
        assert.ok(!router.output.includes(secret), 'a log line holds a secret');
      }
    },
  );
});

/** As it is and as AUTH puts it on the wire. */
function spellings(secret: string): readonly string[] {
  const plain = `\0${ACCOUNT.user}\0${secret}`;
  return [secret, ...[secret, plain].map((text) => Buffer.from(text).toString('base64'))];
}
