/** What stops one downstream moves the message to the next at once and is told loudly: from the file to the wire. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DownstreamStateChanged, FailedOver } from '../../src/events/router-event.ts';
import { tlsFixture } from '../support/downstream-options.ts';
import { MailSink } from '../support/mail-sink.ts';
import { type Script, ScriptedDownstream, type ScriptedOptions } from '../support/scripted-downstream.ts';
import { TestRouter } from '../support/test-router.ts';

interface Fault {
  readonly what: string;
  readonly script?: Script;
  readonly server?: ScriptedOptions;
  /** Keys of the downstream in the file. */
  readonly keys: string;
  readonly blame: FailedOver['blame'];
  readonly told: RegExp;
  /** Messages until it is passed over; undefined = never. */
  readonly downAfter: number | undefined;
  /** No message of the user may come so far. */
  readonly neverSaid: RegExp;
}

const CA = `ca_file: ${JSON.stringify(tlsFixture('ca.pem'))}`;

const FAULTS: readonly Fault[] = [
  {
    what: 'A wrong password',
    script: { AUTH: '535 5.7.8 Authentication credentials invalid' },
    keys: 'user: relay, pass: wrong-secret',
    blame: 'credentials',
    told: /answered 535 5\.7\.8 Authentication credentials invalid \(phase auth\)/,
    downAfter: 1,
    neverSaid: /^MAIL/,
  },
  {
    what: 'A login that is not offered',
    server: { keywords: [] },
    keys: 'user: relay, pass: some-secret',
    blame: 'credentials',
    told: /No AUTH mechanism/,
    downAfter: 1,
    neverSaid: /^MAIL/,
  },
  {
    what: 'An expired certificate, by STARTTLS',
    server: { certificate: 'expired' },
    keys: `user: relay, pass: some-secret, tls: starttls, ${CA}`,
    blame: 'downstream',
    told: /has a certificate that has expired/,
    downAfter: 3,
    neverSaid: /^(AUTH|MAIL)/,
  },
  {
    what: 'An expired certificate, by implicit TLS',
    server: { certificate: 'expired', isImplicitTls: true },
    keys: `user: relay, pass: some-secret, tls: implicit, ${CA}`,
    blame: 'downstream',
    told: /has a certificate that has expired/,
    downAfter: 3,
    neverSaid: /^(EHLO|AUTH|MAIL)/,
  },
  {
    what: 'A certificate for another name',
    server: { certificate: 'wrong-name' },
    keys: `tls: starttls, ${CA}`,
    blame: 'downstream',
    told: /not made out to localhost/,
    downAfter: 3,
    neverSaid: /^MAIL/,
  },
  {
    what: 'STARTTLS that is not offered',
    keys: 'tls: starttls',
    blame: 'downstream',
    told: /STARTTLS is required and not offered/,
    downAfter: 3,
    neverSaid: /^MAIL/,
  },
  {
    what: 'A sender that is not verified, told at MAIL',
    script: { MAIL: '554 5.7.1 Email address is not verified' },
    keys: '',
    blame: 'identity',
    told: /answered 554 5\.7\.1 Email address is not verified \(phase mail\)/,
    downAfter: undefined,
    neverSaid: /^never/,
  },
  {
    what: 'A sender that is not verified, told after the dot',
    script: { dot: '554 Message rejected: Email address is not verified.' },
    keys: '',
    blame: 'identity',
    told: /Email address is not verified\. \(phase dot\)/,
    downAfter: undefined,
    neverSaid: /^never/,
  },
];

for (const { what, script = {}, server = {}, keys, blame, told, downAfter, neverSaid } of FAULTS) {
  test(`${what} fails over at once, and is told in log, metrics and state`, async () => {
    const first = await ScriptedDownstream.start(script, server);
    const second = await MailSink.open();
    const router = await TestRouter.start({
      downstreams: [
        `first: { addr: "localhost:${first.port}", ${keys} }`,
        `second: { addr: "${second.addr}" }`,
      ],
    });
    try {
      const client = await router.client();
      const rounds = 4;
      for (let round = 0; round < rounds; round += 1) assert.match(await client.send(), /^250 /);
      client.drop();
      assert.equal(second.mails.length, rounds);
      assert.equal(
        first.commands.some((line) => neverSaid.test(line)),
        false,
      );

      const moves = router.events.filter((event): event is FailedOver => event.kind === 'failed-over');
      assert.equal(moves.length, downAfter ?? rounds);
      for (const move of moves) {
        assert.deepEqual([move.from, move.to, move.blame], ['first', 'second', blame]);
        assert.match(move.message, told);
      }
      const changes = router.events.filter(
        (event): event is DownstreamStateChanged => event.kind === 'downstream-state-changed',
      );
      const expected = downAfter === undefined ? [] : [['first', 'down', blame]];
      assert.deepEqual(
        changes.map((change) => [change.downstream, change.state, change.blame]),
        expected,
      );
      const log = router.logLines.filter((line) => line.includes('"failed-over"'));
      assert.equal(log.length, moves.length);
      for (const line of log) assert.match(line, /"level":"warn".*going on with second/);
      const { admin = '' } = router.handle.addresses;
      const metrics = await (await fetch(`http://${admin}/metrics`)).text();
      assert.match(
        metrics,
        new RegExp(`^smtp_router_failovers_total\\{.*blame="${blame}".*\\} ${moves.length}$`, 'm'),
      );
    } finally {
      await router.stop();
      await first.stop();
      await second.close();
    }
  });
}
