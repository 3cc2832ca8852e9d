/** What every store of the spool must do: one suite, run by the test of each. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Message } from '../../src/message/message.ts';
import type { ClaimedMessage, LedgerEntry, SpoolStore } from '../../src/spool/spool-store.ts';
import { testMessage } from '../support/test-message.ts';

/** A place to store, and ways to look at it again. */
export interface StoreUnderTest {
  /** The store of another router, or of the same one after a restart; opened and closed by the suite. */
  create(): SpoolStore;
  remove(): Promise<void>;
}

const MINUTE_MS = 60_000;

export function message(id: string, options: Parameters<typeof testMessage>[0] = {}): Message {
  return { ...testMessage(options), id };
}

const ENTRY: LedgerEntry = {
  at: 1_700_000_000_000,
  selection: {
    selector: 'in-order',
    decidedBy: 'selector',
    reason: 'configured order',
    routes: [['one']],
    durationMs: 1,
  },
  attempts: [
    {
      downstreamId: 'one',
      recipientIds: [0],
      startedAt: 1,
      durationMs: 2,
      phase: 'connect',
      outcomes: [{ kind: 'deferred', phase: 'connect', blame: 'network', message: 'refused' }],
    },
  ],
};

async function contentOf({ body }: Message): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

export function storeSuite(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let place: StoreUnderTest;
    let store: SpoolStore;
    const opened: SpoolStore[] = [];

    async function open(): Promise<SpoolStore> {
      const another = place.create();
      opened.push(another);
      await another.open();
      return another;
    }

    /** The only due message. */
    async function claimOne(leaseMs = MINUTE_MS): Promise<ClaimedMessage> {
      const [claimed, ...others] = await store.claim({ limit: 10, leaseMs });
      assert.ok(claimed !== undefined, 'something is due');
      assert.equal(others.length, 0);
      return claimed;
    }

    /** There is no event for the end of a lease: that is what a lease is for. */
    async function claimSoon(): Promise<ClaimedMessage> {
      for (;;) {
        const [claimed] = await store.claim({ limit: 1, leaseMs: MINUTE_MS });
        if (claimed !== undefined) return claimed;
      }
    }

    beforeEach(async () => {
      place = await create();
      store = await open();
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
      await place.remove();
    });

    test('gives back a message as it came in: envelope, parameters, session, content', async () => {
      const original = message('m1', {
        mailFrom: '"odd name"@example.com',
        recipients: ['a@X.example', 'grüße@bücher.example'],
        mailParameters: [{ keyword: 'BODY', value: '8BITMIME' }, { keyword: 'SMTPUTF8' }],
        content: Buffer.from('Subject: gr\xfc\xdfe\r\n\r\n\0\xff.\r\n', 'latin1'),
      });
      assert.deepEqual(await store.put({ message: original }), { kind: 'stored' });
      const claimed = await claimOne();
      const { body, ...rest } = claimed.message;
      const { body: originalBody, ...originalRest } = original;
      assert.deepEqual(rest, originalRest);
      assert.equal(await contentOf(claimed.message), await contentOf(original));
      assert.deepEqual([body.sizeBytes, body.has8bit], [originalBody.sizeBytes, true]);
      assert.deepEqual(Buffer.from(body.headerSection), Buffer.from(originalBody.headerSection));
      assert.deepEqual(claimed.due, [
        { id: 0, deferrals: 0, waitedMs: 0 },
        { id: 1, deferrals: 0, waitedMs: 0 },
      ]);
      assert.equal(claimed.isRecovered, false);
    });

    for (const sizeBytes of [65_536, 65_537, 700_001]) {
      test(`gives back ${sizeBytes} bytes of content byte for byte, any number of times`, async () => {
        const content = Buffer.alloc(sizeBytes, 'Subject: large\r\n\r\n0123456789abcdefghij\r\n');
        await store.put({ message: message('m1', { content }) });
        const claimed = await claimOne();
        assert.equal(Buffer.from(claimed.message.body.headerSection).toString(), 'Subject: large\r\n\r\n');
        const text = content.toString();
        assert.equal((await contentOf(claimed.message)) === text, true);
        assert.equal((await contentOf(claimed.message)) === text, true);
      });
    }

    test('stores a message once, however often it is put', async () => {
      await store.put({ message: message('m1') });
      const again = message('m1', { recipients: ['other@x.example'], content: 'x'.repeat(70_000) });
      assert.deepEqual(await store.put({ message: again, leaseMs: 1 }), { kind: 'known' });
      assert.equal((await claimOne()).message.envelope.forwardPaths[0]?.path.address, 'a@x.example');
    });

    test('keeps everything when it is opened again', async () => {
      await store.put({ message: message('small'), settlement: { recipients: [], entry: ENTRY } });
      await store.put({ message: message('large', { content: 'y'.repeat(100_000) }) });
      await store.close();
      store = await open();
      const claimed = await store.claim({ limit: 10, leaseMs: MINUTE_MS });
      assert.deepEqual(claimed.map(({ messageId }) => messageId).sort(), ['large', 'small']);
      const small = claimed.find(({ messageId }) => messageId === 'small');
      assert.deepEqual(small?.attempts, [ENTRY]);
      const large = claimed.find(({ messageId }) => messageId === 'large');
      assert.ok(large !== undefined);
      assert.equal((await contentOf(large.message)).length, 100_000);
    });

    test('records what is known of recipients when it stores a message', async () => {
      await store.put({
        message: message('m1', { recipients: ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example'] }),
        settlement: {
          recipients: [
            { recipientId: 0, kind: 'delivered', downstreamId: 'one', reason: '250 taken' },
            { recipientId: 1, kind: 'failed', downstreamId: 'one', reason: '550 nobody' },
            { recipientId: 2, kind: 'held', reason: 'in doubt' },
          ],
          entry: ENTRY,
        },
      });
      assert.deepEqual(
        (await claimOne()).due.map(({ id }) => id),
        [3],
      );
      const trace = await store.trace('m1');
      assert.deepEqual(
        trace?.recipients.map(({ state, downstreamId, reason }) => [state, downstreamId, reason]),
        [
          ['delivered', 'one', '250 taken'],
          ['failed', 'one', '550 nobody'],
          ['held', undefined, 'in doubt'],
          ['due', undefined, ''],
        ],
      );
      assert.equal(trace?.isClaimed, true);
      assert.deepEqual(trace?.entries, [ENTRY]);
    });

    test('hands a claimed message to nobody else', async () => {
      await store.put({ message: message('m1') });
      await claimOne();
      assert.deepEqual(await store.claim({ limit: 10, leaseMs: MINUTE_MS }), []);
    });

    test('claims the longest due first, and no more than asked for', async () => {
      for (const id of ['m1', 'm2', 'm3']) {
        const delayMs = { m1: 2, m2: 1, m3: 0 }[id] ?? 0;
        const recipients = [{ recipientId: 0, kind: 'deferred', delayMs, reason: 'later' }] as const;
        await store.put({ message: message(id), settlement: { recipients } });
      }
      while ((await store.list({}, 10)).some(({ dueInMs }) => dueInMs !== 0));
      const two = await store.claim({ limit: 2, leaseMs: MINUTE_MS });
      assert.equal(two.length, 2);
      assert.equal((await store.claim({ limit: 2, leaseMs: MINUTE_MS })).length, 1);
    });

    test('stores under a claim when asked to, which a late reply settles', async () => {
      const result = await store.put({ message: message('m1'), leaseMs: MINUTE_MS });
      assert.ok(result.kind === 'stored' && result.claim !== undefined);
      assert.deepEqual(await store.claim({ limit: 1, leaseMs: 1 }), []);
      const recipients = [
        { recipientId: 0, kind: 'delivered', downstreamId: 'one', reason: 'late' },
      ] as const;
      assert.deepEqual(await store.settle(result.claim, { recipients, isLast: true }), { isCurrent: true });
      assert.equal((await store.stats()).messages, 0);
    });

    test('gives a message whose lease ran out to the next one, and says so', async () => {
      await store.put({ message: message('m1') });
      const first = await claimOne(1);
      const second = await claimSoon();
      assert.equal(second.isRecovered, true);
      assert.notEqual(second.token, first.token);
    });

    test('renews a lease as long as it is not lost', async () => {
      await store.put({ message: message('m1') });
      const first = await claimOne(1);
      assert.equal(await store.renew(first, MINUTE_MS), true);
      assert.deepEqual(await store.claim({ limit: 1, leaseMs: 1 }), []);
      assert.equal(await store.renew(first, 1), true);
      await claimSoon();
      assert.equal(await store.renew(first, MINUTE_MS), false);
    });

    test('takes deferrals and refusals with the current token only, deliveries always', async () => {
      await store.put({
        message: message('m1', { recipients: ['a@x.example', 'b@x.example', 'c@x.example'] }),
      });
      const lost = await claimOne(1);
      const current = await claimSoon();
      const result = await store.settle(lost, {
        recipients: [
          { recipientId: 0, kind: 'delivered', downstreamId: 'one', reason: '250' },
          { recipientId: 1, kind: 'failed', downstreamId: 'one', reason: '550' },
          { recipientId: 2, kind: 'deferred', delayMs: MINUTE_MS, reason: '450' },
        ],
        isLast: true,
        also: { message: message('bounce') },
      });
      assert.deepEqual(result, { isCurrent: false });
      const trace = await store.trace('m1');
      assert.deepEqual(
        trace?.recipients.map(({ state }) => state),
        ['delivered', 'due', 'due'],
      );
      assert.equal(await store.trace('bounce'), undefined);
      assert.equal(await store.renew(current, MINUTE_MS), true);
    });

    test('defers for as long as asked, counts and sums it up', async () => {
      await store.put({ message: message('m1') });
      const recipients = [
        { recipientId: 0, kind: 'deferred', delayMs: 5, downstreamId: 'one', reason: 'x' },
      ] as const;
      await store.settle(await claimOne(), { recipients, isLast: true, entry: ENTRY });
      const nextMs = await store.nextDueInMs();
      assert.ok(nextMs !== undefined && nextMs <= 5);
      const again = await claimSoon();
      assert.deepEqual(again.due, [{ id: 0, deferrals: 1, waitedMs: 5 }]);
      assert.deepEqual(again.attempts, [ENTRY]);
      assert.equal(again.isRecovered, false);
    });

    test('claims again at once what a last settlement left out', async () => {
      await store.put({ message: message('m1', { recipients: ['a@x.example', 'b@x.example'] }) });
      const recipients = [{ recipientId: 0, kind: 'delivered', downstreamId: 'one', reason: '' }] as const;
      const claim = await claimOne();
      await store.settle(claim, { recipients, isLast: false });
      assert.deepEqual(await store.claim({ limit: 1, leaseMs: 1 }), []);
      await store.settle(claim, { recipients: [], isLast: true });
      assert.deepEqual(
        (await claimOne()).due.map(({ id }) => id),
        [1],
      );
    });

    test('stores a bounce in the same commit, once', async () => {
      await store.put({ message: message('m1') });
      const recipients = [{ recipientId: 0, kind: 'failed', downstreamId: 'one', reason: '550' }] as const;
      const also = { message: message('bounce', { mailFrom: '', content: 'z'.repeat(70_000) }) };
      await store.settle(await claimOne(), { recipients, isLast: true, also });
      const claimed = await claimOne();
      assert.equal(claimed.messageId, 'bounce');
      assert.equal((await contentOf(claimed.message)).length, 70_000);
    });

    test('forgets the content of a finished message, not its story', async () => {
      await store.put({ message: message('m1', { content: 'z'.repeat(70_000) }) });
      const recipients = [{ recipientId: 0, kind: 'delivered', downstreamId: 'one', reason: '250' }] as const;
      await store.settle(await claimOne(), { recipients, isLast: true, entry: ENTRY });
      assert.deepEqual(await store.stats(), { messages: 0, due: 0, held: 0, torn: 0, oldestAgeMs: 0 });
      assert.deepEqual(await store.list({}, 10), []);
      assert.equal((await store.trace('m1'))?.recipients[0]?.state, 'delivered');
      assert.equal(await store.nextDueInMs(), undefined);
      assert.deepEqual(await store.put({ message: message('m1') }), { kind: 'known' });
    });

    test('answers nothing for a message it never had', async () => {
      assert.equal(await store.trace('m1'), undefined);
      assert.deepEqual(await store.list({ messageId: 'm1' }, 10), []);
      assert.equal(await store.nextDueInMs(), undefined);
      const recipients = [{ recipientId: 0, kind: 'delivered', reason: '' }] as const;
      const claim = { messageId: 'm1', token: '00000000-0000-4000-8000-000000000000' };
      assert.deepEqual(await store.settle(claim, { recipients, isLast: true, entry: ENTRY }), {
        isCurrent: false,
      });
    });

    describe('what an operator wants', () => {
      beforeEach(async () => {
        const later = (recipientId: number, downstreamId: string, reason: string) =>
          ({ recipientId, kind: 'deferred', delayMs: MINUTE_MS, downstreamId, reason }) as const;
        await store.put({
          message: message('m1', { recipients: ['a@x.example', 'b@Y.example'], user: 'one@example.com' }),
          settlement: { recipients: [later(0, 'ses', '454 Throttled'), later(1, 'own', 'no connection')] },
        });
        await store.put({
          message: message('m2', { recipients: ['c@x.example'], user: 'two@example.com' }),
          settlement: { recipients: [later(0, 'ses', '451 try later')] },
        });
      });

      for (const [title, filter, expected] of [
        ['nothing', {}, ['a@x.example', 'b@Y.example', 'c@x.example']],
        ['a message', { messageId: 'm1' }, ['a@x.example', 'b@Y.example']],
        ['a user', { user: 'two@example.com' }, ['c@x.example']],
        ['a downstream', { downstreamId: 'ses' }, ['a@x.example', 'c@x.example']],
        ['a domain', { domain: 'y.example' }, ['b@Y.example']],
        ['an age', { minAgeMs: MINUTE_MS }, []],
        ['a part of the reason', { reason: 'THROTT' }, ['a@x.example']],
        ['a state', { state: 'held' }, []],
        [
          'all at once',
          { downstreamId: 'ses', domain: 'x.example', reason: '451', minAgeMs: 0 },
          ['c@x.example'],
        ],
      ] as const) {
        test(`is found by ${title}`, async () => {
          const found = await store.list(filter, 10);
          assert.deepEqual(
            found.map(({ address }) => address),
            expected,
          );
        });
      }

      test('is no longer than asked for', async () => {
        assert.equal((await store.list({}, 2)).length, 2);
      });

      test('retry makes due now', async () => {
        assert.deepEqual(await store.claim({ limit: 9, leaseMs: MINUTE_MS }), []);
        assert.equal(await store.change('retry', { domain: 'x.example' }), 2);
        const claimed = await store.claim({ limit: 9, leaseMs: MINUTE_MS });
        assert.deepEqual(claimed.map(({ messageId, due }) => [messageId, due.map(({ id }) => id)]).sort(), [
          ['m1', [0]],
          ['m2', [0]],
        ]);
      });

      test('hold waits for release, which makes due now', async () => {
        assert.equal(await store.change('hold', { user: 'two@example.com' }), 1);
        assert.equal(await store.change('retry', {}), 2);
        assert.deepEqual((await claimOne()).messageId, 'm1');
        assert.deepEqual(
          (await store.list({ state: 'held' }, 9)).map(({ messageId, dueInMs }) => [messageId, dueInMs]),
          [['m2', undefined]],
        );
        assert.equal((await store.stats()).held, 1);
        assert.equal(await store.change('release', {}), 1);
        assert.deepEqual((await claimOne()).messageId, 'm2');
      });

      test('drop ends it without a trial', async () => {
        assert.equal(await store.change('drop', { messageId: 'm2' }), 1);
        assert.equal((await store.stats()).messages, 1);
        assert.equal((await store.trace('m2'))?.recipients[0]?.state, 'dropped');
        assert.equal(await store.change('release', { messageId: 'm2' }), 0);
      });

      test('does not free what is being tried, and a deferral does not undo it', async () => {
        await store.change('retry', { messageId: 'm2' });
        const claim = await claimOne();
        assert.equal(await store.change('hold', { messageId: 'm2' }), 1);
        const recipients = [{ recipientId: 0, kind: 'deferred', delayMs: 0, reason: 'again' }] as const;
        assert.deepEqual(await store.settle(claim, { recipients, isLast: true }), { isCurrent: true });
        assert.equal((await store.list({ messageId: 'm2' }, 1))[0]?.state, 'held');
        assert.deepEqual(await store.claim({ limit: 1, leaseMs: 1 }), []);
      });

      test('counts what is there', async () => {
        const { messages, due, held, torn, oldestAgeMs } = await store.stats();
        assert.deepEqual([messages, due, held, torn], [2, 3, 0, 0]);
        assert.ok(oldestAgeMs >= 0);
      });
    });

    test('stores many at a time', async () => {
      const ids = Array.from({ length: 200 }, (_, index) => `m${index}`);
      await Promise.all(ids.map((id) => store.put({ message: message(id) })));
      const claimed = await store.claim({ limit: 500, leaseMs: MINUTE_MS });
      assert.deepEqual(new Set(claimed.map(({ messageId }) => messageId)), new Set(ids));
      const recipients = [{ recipientId: 0, kind: 'delivered', reason: '' }] as const;
      await Promise.all(claimed.map((claim) => store.settle(claim, { recipients, isLast: true })));
      assert.equal((await store.stats()).messages, 0);
    });

    test('takes nothing once it is closed', async () => {
      await store.close();
      await store.close();
      await assert.rejects(store.put({ message: message('m1') }), { code: 'ROUTER_SPOOL_CLOSED' });
    });
  });
}
