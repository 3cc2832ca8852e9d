import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { requestFor } from '@smtp-router/selector/testing';
import { appendCase } from '../../src/authoring/append-case.ts';
import { findCaseFiles, readCaseFile } from '../../src/authoring/case-file.ts';
import { caseRequest } from '../../src/authoring/case-request.ts';
import { recordedCase } from '../../src/authoring/recorded-case.ts';
import { formatProblem } from '../../src/config/config-problem.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';

const directory = new TemporaryDirectory();
after(() => directory.remove());

function written(name: string, text: string): string {
  const file = directory.file(name);
  writeFileSync(file, text);
  return file;
}

function sound(file: string) {
  const read = readCaseFile(file);
  if (!('document' in read)) return assert.fail(read.map(formatProblem).join('\n'));
  return read;
}

describe('a file of cases', () => {
  it('becomes complete requests', () => {
    const { document, settings } = sound(
      written(
        'good.yaml',
        `config: { eu: [ses] }
downstreams: [ses]
cases:
  - name: second try
    user: app@example.com
    from: a@example.com
    to: [b@example.org, c@example.org]
    headers: { Subject: Hello, X-Tag: news }
    size: 2048
    downstreams:
      - ses
      - { name: own, addr: "own:25", state: down, cost: 0, weight: 3, labels: { region: eu }, latency_ms: 7, in_flight: 2 }
    history: [{ downstream: ses, kind: deferred, to: [c@example.org], code: 451, phase: rcpt }]
    now: "2026-01-02T03:04:05Z"
    seed: 9
    expect: { first: own }
  - { name: bare, expect: { fault: no recipients } }
`,
      ),
    );
    const [first, bare] = document.cases;
    assert.ok(first !== undefined && bare !== undefined);
    const request = caseRequest(first, { downstreams: [], now: 5 });
    assert.deepEqual(
      [request.attempt, request.now, request.seed, request.dryRun],
      [2, Date.UTC(2026, 0, 2, 3, 4, 5), 9, false],
    );
    assert.deepEqual([request.message.subject, request.message.sizeBytes], ['Hello', 2048]);
    assert.equal(request.envelope.recipients[1]?.domain, 'example.org');
    const [ses, own] = request.downstreams;
    assert.deepEqual([ses?.state, ses?.hasCost], ['up', false]);
    assert.deepEqual([own?.addr, own?.state, own?.hasCost, own?.latencyMs], ['own:25', 'down', true, 7]);
    assert.deepEqual(request.history[0]?.recipientIds, [1]);
    const other = caseRequest(bare, { downstreams: document.downstreams ?? [], now: 5 });
    assert.deepEqual(
      other.downstreams.map(({ id }) => id),
      ['ses'],
    );
    assert.equal(other.now, 5);
    assert.equal(settings?.json, '{"eu":["ses"]}');
  });

  it('is told by line and column what is wrong, all at once', () => {
    const file = written(
      'bad.yaml',
      'cases:\n  - name: a\n    dowstreams: [x]\n    expect: { verdict: refuse }\n  - name: b\n    expect: {}\n',
    );
    const read = readCaseFile(file);
    assert.ok(!('document' in read));
    assert.deepEqual(read.map(formatProblem), [
      `${file}:4:24 cases[0].expect.verdict: "refuse" is not possible; known are defer, reject, hold`,
      `${file}:3:5 cases[0].dowstreams: unknown key; did you mean "downstreams"?`,
    ]);
    const empty = readCaseFile(written('empty.yaml', 'cases: [{ name: b, expect: {} }]\n'));
    assert.ok(!('document' in empty));
    assert.deepEqual(
      empty.map(({ path }) => path),
      ['cases[0].downstreams', 'cases[0].expect'],
    );
  });

  it('is one of a folder, in order of names', () => {
    const folder = directory.file('folder');
    mkdirSync(folder);
    for (const name of ['b.yml', 'a.yaml', 'notes.md']) written(`folder/${name}`, '');
    assert.deepEqual(findCaseFiles(folder), [`${folder}/a.yaml`, `${folder}/b.yml`]);
    assert.throws(() => findCaseFiles(directory.file('nowhere')), { code: 'CONFIG_UNREADABLE' });
  });
});

describe('a recorded case', () => {
  const request = requestFor({
    from: 'a@example.com',
    to: ['b@example.org', 'c@example.net'],
    headers: { From: 'a@example.com', Subject: 'Caf\u00e9', Received: 'by here' },
    downstreams: [
      { id: 'ses', addr: 'ses:587', cost: 0.1, hasCost: true },
      { id: 'own', state: 'down', weight: 3 },
    ],
    more: { seed: 77, now: 1_000, session: { user: 'app' }, message: { sizeBytes: 9 } },
  });

  it('asks the same again, and expects the same', () => {
    const file = directory.file('recorded.yaml');
    const routes = [{ recipients: ['b@example.org', 'c@example.net'], candidates: ['own', 'ses'] }];
    appendCase(file, recordedCase('one', { request, routes, reason: 'because' }));
    const verdict = { kind: 'defer', code: 451 } as const;
    writeFileSync(file, `# mine\n${readFileSync(file, 'utf8')}`);
    appendCase(file, recordedCase('two', { request, routes: [], verdict, reason: '' }));
    assert.match(readFileSync(file, 'utf8'), /^# mine\n/);
    const { document } = sound(file);
    const [one, two] = document.cases;
    assert.ok(one !== undefined && two !== undefined);
    const again = caseRequest(one, { downstreams: [], now: 0 });
    assert.deepEqual(again.downstreams, request.downstreams);
    assert.deepEqual(again.envelope, request.envelope);
    assert.deepEqual([again.seed, again.now, again.session], [77, 1_000, request.session]);
    assert.deepEqual(
      again.message.headers.map(({ name }) => name).sort(),
      ['From', 'Subject'],
      'fields of routers are left out',
    );
    assert.deepEqual(one.expect, { routes: ['own', 'ses'], reason: 'because' });
    assert.deepEqual(two.expect, { verdict: 'defer', code: 451, reason: '' });
  });

  it('is not written behind something else', () => {
    const file = written('other.yaml', 'users: []\n');
    const one = recordedCase('one', { request, routes: [], reason: '' });
    assert.throws(() => appendCase(file, one), { code: 'CONFIG_SYNTAX' });
  });
});
