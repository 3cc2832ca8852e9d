/** `explain` beside what really happens, through a whole router with a plugin as a real process. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import { formatProblem } from '../../src/config/config-problem.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type RouterHandle, startRouter } from '../../src/router.ts';
import { STRATEGY_NAMES } from '../../src/selection/strategy-by-name.ts';
import { createLogSink } from '../../src/telemetry/log-sink.ts';
import { assertAgreement } from '../support/explain-agreement.ts';
import { examplePlugin, fixturePath } from '../support/fixture-path.ts';
import { MailSink, type SinkReplies } from '../support/mail-sink.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';

const SPOOL = 'spool: { url: "sqlite:spool.db", min_free: 1MiB }\nbounces: { to: none }';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function sink(replies: SinkReplies = {}): Promise<MailSink> {
  const opened = await MailSink.open(replies);
  closers.push(() => opened.close());
  return opened;
}

/** One user for each selector, with all downstreams. */
async function routerWith(
  selectors: readonly string[],
  downstreams: readonly string[],
  { user: more = '', yaml = '' }: { readonly user?: string; readonly yaml?: string } = {},
): Promise<{ readonly handle: RouterHandle; readonly users: readonly string[] }> {
  const directory = new TemporaryDirectory();
  closers.push(() => directory.remove());
  const users = selectors.map((_, index) => `user${index}@example.com`);
  const file = directory.file('config.yaml');
  const lines = [
    'listen: [{ address: "127.0.0.1:0" }]',
    'admin: off',
    'users:',
    ...users.map(
      (email, index) =>
        `  - { email: ${email}, password: x, selector: ${JSON.stringify(selectors[index])}, ${more} }`,
    ),
    'downstreams:',
    ...downstreams.map((line) => `  ${line}`),
    yaml,
  ];
  writeFileSync(file, lines.join('\n'));
  const loaded = loadConfig(file);
  if (loaded.kind === 'bad') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const destination = { write: () => {}, flush: () => {}, drained: () => Promise.resolve() };
  const log = createLogSink({ level: 'error', format: 'json', addresses: 'full', destination });
  const handle = await startRouter(loaded.config, { log });
  closers.push(() => handle.drain());
  return { handle, users };
}

/** Downstreams that refuse, or are passed over, each for another reason. */
async function unlike(): Promise<readonly string[]> {
  const gone = await sink();
  const closed = gone.addr;
  await gone.close();
  const [taking, foreign, picky] = [
    await sink(),
    await sink({ mail: '550 5.7.1 sender address rejected: not owned by user' }),
    await sink({
      rcpt: (to) => (to.endsWith('green.example') ? '550 5.7.1 relay access denied' : undefined),
    }),
  ];
  return [
    `gone: { addr: "${closed}" }`,
    `foreign: { addr: "${foreign.addr}", weight: 5 }`,
    `verified: { addr: "${taking.addr}", verified_from: ["*@one.example"], weight: 2 }`,
    `few: { addr: "${taking.addr}", max_recipients: 1 }`,
    `picky: { addr: "${picky.addr}", rewrite_mail_from: r@one.example }`,
  ];
}

function mail(user: string, to: readonly string[] = ['b@example.org']) {
  const content = Buffer.from('From: <a@example.com>\r\nSubject: x\r\n\r\nhello\r\n');
  return { user, from: 'a@example.com', to, content };
}

describe('explain', () => {
  test('agrees with what happens on 1000 random mails, under every strategy and two plugins', async () => {
    const { handle, users } = await routerWith(
      [...STRATEGY_NAMES, examplePlugin(), fixturePath('moods.ts')],
      await unlike(),
    );
    const counts = await assertAgreement(handle, { users, messages: 1000, seed: 20_260 });
    assert.equal(counts.byUser.size, users.length);
    for (const kind of ['first', 'later', 'nobody'] as const) {
      assert.ok(counts[kind] > 50, `${kind}: ${counts[kind]}`);
    }
  });

  test('agrees with a spool behind the user, where parts may be delivered', async () => {
    const { handle, users } = await routerWith(
      ['round-robin', 'random', fixturePath('moods.ts')],
      await unlike(),
      {
        yaml: SPOOL,
      },
    );
    const counts = await assertAgreement(handle, { users, messages: 200, seed: 5 });
    assert.ok(counts.first > 20 && counts.later > 20, JSON.stringify(counts));
  });

  test('with a spool a split is tried and a hold is kept', async () => {
    const [one, two] = [await sink(), await sink()];
    const downstreams = [`a: { addr: "${one.addr}" }`, `b: { addr: "${two.addr}" }`];
    const { handle, users } = await routerWith([fixturePath('moods.ts')], downstreams, { yaml: SPOOL });
    const [user = ''] = users;
    const ask = () =>
      handle.explain({ ...mail(user, ['x@red.example', 'y@blue.example']), isAskedAnyway: false });
    const split = await ask();
    assert.deepEqual([split.routes.length, split.isAnyoneAsked, split.reply], [2, true, undefined]);
    await handle.send(mail(user));
    await handle.send(mail(user));
    const held = await ask();
    assert.deepEqual([held.verdict?.kind, held.isAnyoneAsked, held.reply?.code], ['hold', false, 250]);
    assert.match(held.reply?.text ?? '', /Ok: spooled/);
  });

  test('mail that is spooled at once is told so, and who would be tried then', async () => {
    const one = await sink();
    const options = { user: 'mode: spool', yaml: SPOOL };
    const { handle, users } = await routerWith(['in-order'], [`a: { addr: "${one.addr}" }`], options);
    const told = await handle.explain({ ...mail(users[0] ?? ''), isAskedAnyway: false });
    assert.deepEqual([told.isAnyoneAsked, told.reply?.code], [true, 250]);
    assert.equal(told.routes[0]?.candidates[0]?.downstream, 'a');
    assert.equal(one.mails.length, 0);
  });

  test('twenty explanations in a row tell the same and take nobody\u2019s turn', async () => {
    const one = await sink();
    const downstreams = ['a', 'b', 'c'].map((name) => `${name}: { addr: "${one.addr}" }`);
    const { handle, users } = await routerWith(['round-robin', 'random', examplePlugin()], downstreams);
    for (const user of users) {
      const told = new Set<string>();
      for (let round = 0; round < 20; round += 1) {
        const { selection } = await handle.explain({ ...mail(user), isAskedAnyway: false });
        told.add(JSON.stringify(selection.routes));
      }
      const { selection } = await handle.send(mail(user));
      assert.deepEqual([...told], [JSON.stringify(selection?.routes)]);
    }
    assert.equal(one.mails.length, users.length);
  });

  test('a plugin of version 1 is not asked, unless that is wanted', async () => {
    const [one, two] = [await sink(), await sink()];
    const downstreams = [`a: { addr: "${one.addr}" }`, `b: { addr: "${two.addr}" }`];
    const { handle, users } = await routerWith([fixturePath('version-1.ts')], downstreams);
    const [user = ''] = users;
    const first = await handle.explain({ ...mail(user), isAskedAnyway: false });
    assert.equal(first.selection.faultCode, 'SELECTOR_NO_DRY_RUN');
    assert.deepEqual(first.selection.routes, [['a', 'b']]);
    const asked = await handle.explain({ ...mail(user), isAskedAnyway: true });
    assert.equal(asked.selection.decidedBy, 'selector');
    assert.deepEqual(asked.selection.routes, [['b', 'a']]);
    const { selection } = await handle.send(mail(user));
    assert.deepEqual(selection?.routes, [['a', 'b']], 'the explanation took a turn');
  });

  test('who may not send under an address is told what a client hears before all that', async () => {
    const one = await sink();
    const rule = 'allowed_senders: ["*@example.com"]';
    const { handle, users } = await routerWith(['in-order'], [`a: { addr: "${one.addr}" }`], { user: rule });
    const own = { ...mail(users[0] ?? ''), isAskedAnyway: false };
    assert.equal((await handle.explain(own)).refusal, undefined);
    const { refusal } = await handle.explain({ ...own, from: 'a@example.net' });
    assert.equal(refusal?.code, 550);
  });

  test('the request is there to be recorded, with header fields and without a secret', async () => {
    const one = await sink();
    const { handle, users } = await routerWith(
      ['in-order'],
      [`a: { addr: "${one.addr}", user: login, pass: planted-secret }`],
    );
    const { request } = await handle.explain({ ...mail(users[0] ?? ''), isAskedAnyway: false });
    const text = JSON.stringify(request);
    assert.match(text, /"dryRun":true/);
    assert.match(text, /"name":"Subject","value":"x"/);
    assert.doesNotMatch(text, /planted-secret/);
  });
});
