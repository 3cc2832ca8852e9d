import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, test } from 'node:test';
import type { RouterError } from '../../../src/errors.ts';
import type { SpoolStore } from '../../../src/spool/spool-store.ts';
import { SqliteStore, type SqliteStoreOptions } from '../../../src/spool/sqlite/sqlite-store.ts';
import { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { message, storeSuite } from '../store-suite.ts';

function optionsIn(directory: TemporaryDirectory): SqliteStoreOptions {
  return {
    path: directory.file('spool/spool.db'),
    filesDirectory: directory.file('spool/files'),
    minFreeBytes: 0,
  };
}

storeSuite('a spool in SQLite', async () => {
  const directory = new TemporaryDirectory();
  return {
    create: () => new SqliteStore(optionsIn(directory)),
    remove: async () => directory.remove(),
  };
});

const MINUTE_MS = 60_000;
const LARGE = 'y'.repeat(70_000);

describe('what only a spool in files can meet', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  function place(): TemporaryDirectory {
    const directory = new TemporaryDirectory();
    closers.push(() => directory.remove());
    return directory;
  }

  async function open(
    directory: TemporaryDirectory,
    options: Partial<SqliteStoreOptions> = {},
  ): Promise<SpoolStore> {
    const store = new SqliteStore({ ...optionsIn(directory), ...options });
    closers.push(() => store.close());
    await store.open();
    return store;
  }

  const filesIn = (directory: TemporaryDirectory) => readdirSync(directory.file('spool/files'));

  test('a large body is a file as long as its record needs it', async () => {
    const directory = place();
    const store = await open(directory);
    await store.put({ message: message('small') });
    assert.deepEqual(filesIn(directory), []);
    await store.put({ message: message('large', { content: LARGE }) });
    await store.put({ message: message('large', { content: LARGE }) });
    assert.equal(filesIn(directory).length, 1);
    await store.change('drop', { messageId: 'large' });
    assert.deepEqual(filesIn(directory), []);
  });

  test('files without a record are swept at the start, others stay', async () => {
    const directory = place();
    const first = await open(directory);
    await first.put({ message: message('large', { content: LARGE }) });
    await first.close();
    writeFileSync(directory.file('spool/files/left-behind.eml'), 'x');
    const second = await open(directory);
    assert.equal(filesIn(directory).length, 1);
    assert.equal((await second.claim({ limit: 9, leaseMs: MINUTE_MS })).length, 1);
  });

  test('claims of the process before are void at the start', async () => {
    const directory = place();
    const first = await open(directory);
    await first.put({ message: message('m1') });
    await first.claim({ limit: 1, leaseMs: 60 * MINUTE_MS });
    await first.close();
    const [claimed] = await (await open(directory)).claim({ limit: 1, leaseMs: MINUTE_MS });
    assert.equal(claimed?.isRecovered, true);
  });

  test('a command that looks on takes nothing away', async () => {
    const directory = place();
    const router = await open(directory);
    await router.put({ message: message('m1') });
    const [claim] = await router.claim({ limit: 1, leaseMs: MINUTE_MS });
    const command = await open(directory, { isOwner: false });
    assert.equal((await command.trace('m1'))?.isClaimed, true);
    assert.deepEqual(await command.claim({ limit: 1, leaseMs: MINUTE_MS }), []);
    assert.ok(claim !== undefined);
    assert.equal(await router.renew(claim, MINUTE_MS), true);
  });

  test('a clock that was set back keeps nothing waiting for longer than one delay', async () => {
    const directory = place();
    const first = await open(directory);
    const recipients = [{ recipientId: 0, kind: 'deferred', delayMs: 400 * MINUTE_MS, reason: '' }] as const;
    await first.put({ message: message('m1'), settlement: { recipients } });
    await first.close();
    const second = await open(directory, { longestDelayMs: MINUTE_MS });
    assert.ok(((await second.nextDueInMs()) ?? Number.NaN) <= MINUTE_MS);
  });

  test('with little room left nothing is stored, but all can be settled', async () => {
    const directory = place();
    const first = await open(directory);
    await first.put({ message: message('m1') });
    await first.close();
    const store = await open(directory, { minFreeBytes: Number.MAX_SAFE_INTEGER });
    await assert.rejects(store.put({ message: message('m2') }), {
      code: 'ROUTER_SPOOL_FULL',
      temporary: true,
    });
    const [claim] = await store.claim({ limit: 1, leaseMs: MINUTE_MS });
    assert.ok(claim !== undefined);
    const recipients = [{ recipientId: 0, kind: 'failed', reason: '550' }] as const;
    const also = { message: message('bounce', { content: LARGE }) };
    assert.deepEqual(await store.settle(claim, { recipients, isLast: true, also }), { isCurrent: true });
    assert.notEqual(await store.trace('bounce'), undefined);
  });

  test('a record that makes no message is held and counted, and stops nobody', async () => {
    const directory = place();
    const first = await open(directory);
    for (const id of ['cut-json', 'cut-body', 'whole']) await first.put({ message: message(id) });
    await first.put({ message: message('lost-file', { content: LARGE }) });
    await first.close();
    const database = new DatabaseSync(optionsIn(directory).path);
    database.exec("UPDATE message SET facts = '{\"rev' WHERE id = 'cut-json'");
    database.exec("UPDATE body SET content = x'00' WHERE message_id = 'cut-body'");
    database.close();
    const lost = filesIn(directory)[0] ?? '';
    rmSync(directory.file(`spool/files/${lost}`));
    const store = await open(directory);
    const claimed = await store.claim({ limit: 9, leaseMs: MINUTE_MS });
    assert.deepEqual(
      claimed.map(({ messageId }) => messageId),
      ['whole'],
    );
    assert.equal((await store.stats()).torn, 3);
    const held = await store.list({ state: 'held' }, 9);
    assert.deepEqual(held.map(({ messageId }) => messageId).sort(), ['cut-body', 'cut-json', 'lost-file']);
    assert.match(held[0]?.reason ?? '', /torn/);
  });

  test('a file that is no database is moved out of the way', async () => {
    const directory = place();
    await (await open(directory)).close();
    writeFileSync(optionsIn(directory).path, 'this is no database, whatever else it is'.repeat(100));
    rmSync(`${optionsIn(directory).path}-wal`, { force: true });
    const reported: RouterError[] = [];
    const store = await open(directory, { onSetAside: (error) => reported.push(error) });
    assert.deepEqual(await store.put({ message: message('m1') }), { kind: 'stored' });
    assert.match(reported[0]?.message ?? '', /moved to .*spool\.db\.torn-\d+/);
    assert.equal((await store.stats()).torn, 1);
  });

  test('a spool of a later release is left alone', async () => {
    const directory = place();
    await (await open(directory)).close();
    const database = new DatabaseSync(optionsIn(directory).path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await assert.rejects(open(directory), { code: 'ROUTER_SPOOL_UNUSABLE', message: /later release/ });
  });

  test('a directory that cannot be made is told as such', async () => {
    const directory = place();
    writeFileSync(directory.file('spool'), 'a file');
    await assert.rejects(open(directory), { code: 'ROUTER_SPOOL_UNUSABLE' });
  });

  test('a fault of one message fails none of those in the same commit', async () => {
    const store = await open(place());
    const bad = message('bad', { recipients: ['a@x.example', 'b@x.example'] });
    const [first] = bad.envelope.forwardPaths;
    assert.ok(first !== undefined);
    const twice = { ...bad, envelope: { ...bad.envelope, forwardPaths: [first, first] } };
    const results = await Promise.allSettled([
      store.put({ message: message('m1') }),
      store.put({ message: twice }),
      store.put({ message: message('m2') }),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual((await store.list({}, 9)).map(({ messageId }) => messageId).sort(), ['m1', 'm2']);
  });
});
