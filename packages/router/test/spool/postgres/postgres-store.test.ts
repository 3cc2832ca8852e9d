import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import type { RouterError } from '../../../src/errors.ts';
import { PostgresConnections } from '../../../src/spool/postgres/postgres-connections.ts';
import { PostgresStore, type PostgresStoreOptions } from '../../../src/spool/postgres/postgres-store.ts';
import type { SpoolStore } from '../../../src/spool/spool-store.ts';
import { PostgresServer } from '../../support/postgres-server.ts';
import { message, storeSuite } from '../store-suite.ts';

const MINUTE_MS = 60_000;

describe('with a real PostgreSQL', { skip: process.platform === 'win32' }, () => {
  let server: PostgresServer;
  let schemas = 0;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.remove());

  function optionsOf(schema: string, options: Partial<PostgresStoreOptions> = {}): PostgresStoreOptions {
    return { url: server.url, schema, maxConnections: 4, onFault: () => {}, ...options };
  }

  storeSuite('a spool in PostgreSQL', async () => {
    schemas += 1;
    const schema = `suite_${schemas}`;
    return { create: () => new PostgresStore(optionsOf(schema)), remove: async () => {} };
  });

  async function open(schema: string, options: Partial<PostgresStoreOptions> = {}): Promise<SpoolStore> {
    const store = new PostgresStore(optionsOf(schema, options));
    try {
      await store.open();
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  test('several routers share one queue: nobody gets what another one has', async () => {
    const routers = await Promise.all([open('shared'), open('shared'), open('shared')]);
    const [first] = routers;
    assert.ok(first !== undefined);
    const ids = Array.from({ length: 60 }, (_, index) => `m${index}`);
    await Promise.all(ids.map((id) => first.put({ message: message(id) })));
    const claimed: string[] = [];
    while (claimed.length < ids.length) {
      const found = await Promise.all(
        routers.map((router) => router.claim({ limit: 7, leaseMs: MINUTE_MS })),
      );
      claimed.push(...found.flat().map(({ messageId }) => messageId));
    }
    assert.deepEqual(new Set(claimed), new Set(ids));
    assert.equal(claimed.length, ids.length);
    await Promise.all(routers.map((router) => router.close()));
  });

  test('a router hears of what another one put', async () => {
    const [one, other] = await Promise.all([open('heard'), open('heard')]);
    const heard = new Promise<void>((resolve) => other.onDue(resolve));
    await one.put({ message: message('m1') });
    await heard;
    await Promise.all([one.close(), other.close()]);
  });

  test('a server that restarts fails what was asked meanwhile, and is used again', async () => {
    const faults: RouterError[] = [];
    const store = await open('restart', { onFault: (error) => faults.push(error) });
    await store.put({ message: message('before') });
    await server.halt('SIGQUIT');
    await assert.rejects(store.put({ message: message('meanwhile') }), {
      code: 'ROUTER_SPOOL_FAILED',
      temporary: true,
    });
    await server.resume();
    await store.put({ message: message('after') });
    const claimed = await store.claim({ limit: 9, leaseMs: MINUTE_MS });
    assert.deepEqual(claimed.map(({ messageId }) => messageId).sort(), ['after', 'before']);
    assert.ok(faults.length > 0);
    await store.close();
  });

  test('a commit is on the disk before it counts, whatever the server was told', async () => {
    await server.halt();
    await server.resume(['synchronous_commit=off']);
    const connections = new PostgresConnections({
      url: server.url,
      maxConnections: 1,
      clock: systemClock,
      onFault: () => {},
    });
    await connections.open();
    const asked = `SELECT setting AS now, reset_val AS told FROM pg_settings WHERE name = 'synchronous_commit'`;
    assert.deepEqual((await connections.query(asked, [])).rows, [{ now: 'on', told: 'off' }]);
    await connections.close();
  });

  test('a server without fsync is refused', async () => {
    await server.halt();
    await server.resume(['fsync=off']);
    await assert.rejects(open('unsafe'), { code: 'ROUTER_SPOOL_UNUSABLE', message: /fsync=off/ });
    await server.halt();
    await server.resume();
  });

  test('a name that is none is refused', async () => {
    await assert.rejects(open('a"b'), { code: 'ROUTER_SPOOL_UNUSABLE' });
  });
});
