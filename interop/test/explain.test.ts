import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { loadConfig } from '../../packages/router/src/config/load-config.ts';
import { startRouter } from '../../packages/router/src/router.ts';
import { assertAgreement } from '../../packages/router/test/support/explain-agreement.ts';
import { MailSink } from '../../packages/router/test/support/mail-sink.ts';
import { goProgram } from './support/go-programs.ts';
import { atEnd, scratchFolder } from './support/scratch.ts';
import { hasTools } from './support/tools.ts';

it('explain and the real path agree under compiled Go plugins of version 2', {
  timeout: 300_000,
}, async (t) => {
  if (!hasTools(t, ['go'])) return;
  const folder = await scratchFolder(t);
  const [taking, refusing] = [
    await MailSink.open(),
    await MailSink.open({ mail: '550 5.7.1 not owned by user' }),
  ];
  for (const sink of [taking, refusing]) atEnd(t, () => sink.close());
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    `listen: [{ address: "127.0.0.1:0" }]
admin: off
log: { level: error }
users:
  - { email: cheapest@example.com, password: x, selector: cheapest }
  - { email: turns@example.com, password: x, selector: turns }
  - { email: domains@example.com, password: x, selector: domains }
downstreams:
  dear: { addr: "${taking.addr}", cost: 2 }
  foreign: { addr: "${refusing.addr}", cost: 1 }
  verified: { addr: "${taking.addr}", cost: 0.5, verified_from: ["*@one.example"] }
selectors:
  cheapest: { plugin: ${JSON.stringify(await goProgram('plugins', './cheapest_healthy'))} }
  turns: { plugin: ${JSON.stringify(await goProgram('packages/router/templates/go', '.'))} }
  domains:
    plugin: ${JSON.stringify(await goProgram('plugins', './by_recipient_domain'))}
    config: { domains: { red.example: [foreign, dear], blue.example: [verified] } }
`,
  );
  const loaded = loadConfig(file);
  assert.ok(loaded.kind === 'ok');
  const router = await startRouter(loaded.config);
  atEnd(t, () => router.drain());
  // The second keeps a turn, which an explanation must not take.
  const users = ['cheapest@example.com', 'turns@example.com', 'domains@example.com'];
  const counts = await assertAgreement(router, { users, messages: 1000, seed: 4 });
  assert.ok(Math.min(counts.first, counts.later, counts.nobody) > 50, JSON.stringify(counts));
});
