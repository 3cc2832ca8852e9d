import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createAdminServer } from '../../src/control/admin-server.ts';
import type {
  ExplainRequest,
  ExplainResult,
  RouterStatus,
  SendRequest,
  SendResult,
} from '../../src/control/control-message.ts';
import { askRouter } from '../../src/control/control-request.ts';
import { openControlServer } from '../../src/control/control-server.ts';
import { parseExplainResult } from '../../src/control/explain-result.ts';
import type { HttpServer } from '../../src/control/http-server.ts';
import { formatReloadRequest, parseReloadResult } from '../../src/control/reload-plugin.ts';
import { parseRouterStatus } from '../../src/control/router-status.ts';
import { formatMailRequest } from '../../src/control/send-request.ts';
import { parseSendResult } from '../../src/control/send-result.ts';
import { RouterError } from '../../src/errors.ts';
import { livenessReport, readinessReport } from '../../src/telemetry/health.ts';

const STATUS: RouterStatus = {
  version: '0.1.0',
  pid: 1,
  state: 'serving',
  startedAt: 0,
  config: '/config.yaml',
  listeners: ['127.0.0.1:2525'],
  users: 1,
  plugins: [
    { name: 'mine', state: 'failed', starts: 3, callsInFlight: 0, missedDeadlines: 0 },
    {
      name: 'other',
      state: 'ready',
      pid: 7,
      since: 5,
      version: 1,
      protocol: 'netrpc',
      sha256: 'ab',
      starts: 1,
      callsInFlight: 0,
      missedDeadlines: 0,
      lastFailure: { at: 3, code: 'PLUGIN_EXITED', message: 'It ended.' },
      swaps: {
        phase: 'trying',
        swapped: 1,
        failed: 2,
        swappedAt: 4,
        lastFailure: { at: 5, code: 'PLUGIN_PROBE_FAILED', message: 'It failed.' },
      },
    },
  ],
  downstreams: [{ name: 'ses', addr: 'ses:25', state: 'up', inFlight: 0 }],
};

const SENT: SendResult = {
  messageId: 'm1',
  reply: { code: 250, text: '2.0.0 taken' },
  attempts: [
    {
      downstreamId: 'ses',
      recipientIds: [0],
      startedAt: 1,
      durationMs: 2,
      phase: 'dot',
      outcomes: [{ kind: 'delivered', downstreamId: 'ses', reply: { code: 250, lines: ['ok'] } }],
    },
  ],
};

const EXPLAINED: ExplainResult = {
  selection: {
    selector: 'mine',
    decidedBy: 'fallback',
    faultCode: 'PLUGIN_NOT_READY',
    reason: 'because',
    routes: [['ses', 'own']],
    durationMs: 1,
  },
  routes: [
    {
      recipients: ['c@d'],
      candidates: [
        {
          downstream: 'ses',
          addr: 'ses:25',
          state: 'down',
          passedOver: { code: 'ROUTER_DOWNSTREAM_DOWN', message: 'It is down.' },
        },
        { downstream: 'own', addr: 'own:25', state: 'up', rewritten: { mailFrom: 'r@own', from: 'f@own' } },
      ],
    },
  ],
  isAnyoneAsked: false,
  reply: { code: 451, text: '4.3.0 later' },
  refusal: { code: 550, text: '5.7.1 no' },
  request: { contractVersion: 2 },
};

const MAIL: SendRequest = {
  user: 'a@b',
  from: 'a@b',
  to: ['c@d'],
  content: Buffer.from('x: y\r\n\r\nhello\r\n'),
};

const root = mkdtempSync(join(tmpdir(), 'control-'));
const socketPath = join(root, 'control.sock');
after(() => rmSync(root, { recursive: true, force: true }));

describe('the control socket', () => {
  const faults: unknown[] = [];
  const sent: SendRequest[] = [];
  const asked: ExplainRequest[] = [];
  let send: (mail: SendRequest) => Promise<SendResult> = async () => SENT;
  let server: HttpServer | undefined;
  before(async () => {
    writeFileSync(socketPath, 'left over');
    server = await openControlServer({
      socketPath,
      maxMessageBytes: 1000,
      status: () => STATUS,
      send: (mail) => {
        sent.push(mail);
        return send(mail);
      },
      explain: async (request) => {
        asked.push(request);
        return EXPLAINED;
      },
      reloadPlugin: async (name) =>
        name === 'mine'
          ? { kind: 'swapped', plugin: name, pid: 2, from: 1, sha256: 'ab', durationMs: 3 }
          : { kind: 'unknown', known: ['mine'] },
      onFault: (error) => faults.push(error),
    });
  });
  after(() => server?.close());

  const ask = (method: 'GET' | 'POST', path: string, body?: string) =>
    askRouter({ socketPath, method, path, timeoutMs: 5000, ...(body === undefined ? {} : { body }) });

  test('is for its owner alone and replaces what a crash left', () => {
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
  });

  test('answers the status', async () => {
    assert.deepEqual(parseRouterStatus(await ask('GET', '/v1/status')), STATUS);
  });

  test('hands a mail over byte for byte and answers what became of it', async () => {
    assert.deepEqual(parseSendResult(await ask('POST', '/v1/send', formatMailRequest(MAIL))), SENT);
    assert.deepEqual(sent.at(-1), MAIL);
  });

  test('hands a mail over to be explained, and answers what would become of it', async () => {
    const request = { ...MAIL, isAskedAnyway: true };
    const answer = await ask('POST', '/v1/explain', formatMailRequest(request));
    assert.deepEqual(parseExplainResult(answer), EXPLAINED);
    assert.deepEqual(asked, [request]);
  });

  const refused: readonly (readonly [title: string, body: string, message: RegExp])[] = [
    ['no JSON', '{', /is no JSON/],
    ['a missing key', JSON.stringify({ user: 'a', from: '', content: '' }), /wrong at "to"/],
    ['a wrong type', JSON.stringify({ user: 5, from: '', to: ['x'], content: '' }), /wrong at "user"/],
    ['no recipient', JSON.stringify({ user: 'a', from: '', to: [], content: '' }), /wrong at "to"/],
    [
      'content that is no base64',
      JSON.stringify({ user: 'a', from: '', to: ['x'], content: '%' }),
      /wrong at "content"/,
    ],
    [
      'an unknown key',
      JSON.stringify({ user: 'a', from: '', to: ['x'], content: '', x: 1 }),
      /Unrecognized key/,
    ],
    [
      'a message beyond the limit',
      formatMailRequest({ ...MAIL, content: Buffer.alloc(1001) }),
      /has 1001 bytes/,
    ],
    ['a body beyond all limits', 'x'.repeat(400_000), /larger than \d+ bytes/],
  ];
  for (const [title, body, message] of refused) {
    test(`refuses ${title} by one sentence`, async () => {
      await assert.rejects(ask('POST', '/v1/send', body), (error: unknown) => {
        assert.ok(error instanceof RouterError);
        assert.equal(error.code, 'ROUTER_CONTROL_FAILED');
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('hands the name of a plugin to reload over and answers what came of it', async () => {
    const reload = async (name: string) =>
      parseReloadResult(await ask('POST', '/v1/plugin/reload', formatReloadRequest(name)));
    assert.deepEqual(await reload('mine'), {
      kind: 'swapped',
      plugin: 'mine',
      pid: 2,
      from: 1,
      sha256: 'ab',
      durationMs: 3,
    });
    assert.deepEqual(await reload('other'), { kind: 'unknown', known: ['mine'] });
    for (const body of ['{', '{}', '{"name":""}', '{"name":"mine","x":1}']) {
      await assert.rejects(ask('POST', '/v1/plugin/reload', body), /is not \{"name": …\}/);
    }
  });

  test('a reload answered by another release is refused', () => {
    assert.throws(() => parseReloadResult({ kind: 'done' }), /another release/);
  });

  test('names what it knows when asked for something else', async () => {
    await assert.rejects(ask('GET', '/v1/nothing'), /Known are GET \/v1\/status, POST \/v1\/send/);
    await assert.rejects(ask('GET', '/v1/send'), /answers POST only/);
  });

  test('a failure of ours is reported to the log and tells the client nothing of it', async () => {
    send = () => Promise.reject(new TypeError('inner detail'));
    await assert.rejects(ask('POST', '/v1/send', formatMailRequest(MAIL)), (error: unknown) => {
      assert.match(String(error), /its log says why/);
      assert.doesNotMatch(String(error), /inner detail/);
      return true;
    });
    assert.equal(faults.length, 1);
    send = async () => SENT;
  });

  test('a router that is not running is said in one sentence', async () => {
    const gone = join(root, 'gone.sock');
    await assert.rejects(
      askRouter({ socketPath: gone, method: 'GET', path: '/', timeoutMs: 100 }),
      (error: unknown) => {
        assert.ok(error instanceof RouterError && error.code === 'ROUTER_NOT_RUNNING' && error.temporary);
        return true;
      },
    );
  });

  test('a router that does not answer in time is said so', async () => {
    send = () => new Promise(() => {});
    const asked = askRouter({
      socketPath,
      method: 'POST',
      path: '/v1/send',
      body: formatMailRequest(MAIL),
      timeoutMs: 50,
    });
    await assert.rejects(asked, /no answer within 50 ms/);
    send = async () => SENT;
  });
});

describe('the admin address', () => {
  let state: 'serving' | 'draining' = 'serving';
  const server = createAdminServer({
    host: '127.0.0.1',
    port: 0,
    liveness: async () => livenessReport({ eventLoopDelayMs: 1 }),
    readiness: () => readinessReport({ state, listeners: [], plugins: [], downstreams: [] }),
    metrics: {
      contentType: 'text/plain; version=0.0.4',
      exposition: async () => 'smtp_router_messages_total 1\n',
    },
    onFault: (error) => assert.fail(String(error)),
  });
  before(() => server.listen());
  after(() => server.close());

  interface Answer {
    readonly status: number | undefined;
    readonly type: string | undefined;
    readonly text: string;
  }

  const get = (path: string, options: { method?: string; host?: string } = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const port = Number(server.address?.split(':').at(-1));
      const headers = { host: options.host ?? `127.0.0.1:${port}` };
      const asking = request({
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers,
        agent: false,
      });
      asking.on('error', reject);
      asking.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode, type: response.headers['content-type'], text }),
        );
      });
      asking.end();
    });

  test('says that the process lives and that it takes mail', async () => {
    assert.equal((await get('/healthz')).status, 200);
    const ready = await get('/readyz?verbose');
    assert.deepEqual([ready.status, ready.type], [200, 'application/json; charset=utf-8']);
    assert.match(ready.text, /"status":"ok"/);
  });

  test('is not ready while the router drains', async () => {
    state = 'draining';
    const ready = await get('/readyz');
    assert.equal(ready.status, 503);
    assert.match(ready.text, /router: is draining/);
    state = 'serving';
  });

  test('gives metrics as Prometheus reads them', async () => {
    const metrics = await get('/metrics');
    assert.equal(metrics.type, 'text/plain; version=0.0.4');
    assert.equal(metrics.text, 'smtp_router_messages_total 1\n');
  });

  test('answers HEAD without a body', async () => {
    const head = await get('/healthz', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  test('refuses names that are not ours, against DNS rebinding', async () => {
    for (const host of ['evil.example', 'localhost.evil.example:80', '127.0.0.1.evil.example']) {
      assert.equal((await get('/metrics', { host })).status, 421, host);
    }
    for (const host of ['localhost:9025', 'LOCALHOST', '[::1]:9025'])
      assert.equal((await get('/metrics', { host })).status, 200, host);
  });

  test('has no control API and no other method', async () => {
    assert.equal((await get('/v1/status')).status, 404);
    assert.equal((await get('/v1/send', { method: 'POST' })).status, 404);
    assert.equal((await get('/metrics', { method: 'POST' })).status, 405);
  });
});
