import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import {
  type CertificateFiles,
  type CertificatePair,
  readCertificatePair,
} from '../../src/certificate-pair.ts';
import { RouterError } from '../../src/errors.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { CERTIFICATE_POLL_MS, TlsMaterial } from '../../src/listener/tls-material.ts';
import { tlsFixture } from '../support/downstream-options.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { TestClock } from '../test-clock.ts';

let directory: TemporaryDirectory;
let files: CertificateFiles;
let clock: TestClock;
let events: RouterEvent[];
let material: TlsMaterial;
/** The reading that runs, so that a test can wait for its end. */
let reading: Promise<CertificatePair | string>;

beforeEach(() => {
  directory = new TemporaryDirectory();
  files = { certFile: directory.file('cert.pem'), keyFile: directory.file('key.pem') };
  clock = new TestClock();
  events = [];
  material = new TlsMaterial({
    files,
    clock,
    events: { emit: (event) => events.push(event) },
    read(named) {
      reading = readCertificatePair(named);
      return reading;
    },
  });
  put('good');
});
afterEach(() => {
  material.close();
  directory.remove();
});

function putCertificate(name: string): void {
  copyFileSync(tlsFixture(`${name}.pem`), files.certFile);
}

function put(name: string): void {
  putCertificate(name);
  copyFileSync(tlsFixture(`${name}.key`), files.keyFile);
}

/** One reading of the files, and what follows from it. */
async function poll(): Promise<void> {
  clock.advance(CERTIFICATE_POLL_MS);
  await reading;
  await new Promise((resolve) => setImmediate(resolve));
}

function messages(): readonly string[] {
  return events.map((event) =>
    event.kind === 'certificate-changed' ? (event.message ?? `valid until ${event.validUntil}`) : event.kind,
  );
}

const GOOD_UNTIL = `valid until ${Date.UTC(2125, 0, 1)}`;
const EXPIRED_UNTIL = `valid until ${Date.UTC(2024, 1, 1)}`;

test('a changed pair is served once two readings agree', async () => {
  await material.load();
  const before = material.secureContext;
  assert.ok(before);
  put('expired');
  await poll();
  assert.equal(material.secureContext, before);
  await poll();
  assert.notEqual(material.secureContext, before);
  assert.deepEqual(messages(), [GOOD_UNTIL, EXPIRED_UNTIL]);
});

test('files that do not change cost nothing but reading them', async () => {
  await material.load();
  const { secureContext } = material;
  for (let count = 0; count < 4; count += 1) await poll();
  assert.equal(material.secureContext, secureContext);
  assert.equal(events.length, 1);
  assert.equal(clock.pending, 1);
});

test('files written one after the other are not mistaken for a bad pair', async () => {
  await material.load();
  putCertificate('expired');
  await poll();
  put('expired');
  await poll();
  assert.deepEqual(messages(), [GOOD_UNTIL], 'this content was seen once only');
  await poll();
  assert.deepEqual(messages(), [GOOD_UNTIL, EXPIRED_UNTIL]);
});

test('a pair that does not match leaves the old one serving and is reported once', async () => {
  await material.load();
  const before = material.secureContext;
  putCertificate('expired');
  for (let count = 0; count < 5; count += 1) await poll();
  assert.equal(material.secureContext, before);
  assert.deepEqual(messages(), [
    GOOD_UNTIL,
    `${files.keyFile} is not the key of the certificate in ${files.certFile}`,
  ]);
  assert.equal(events[1]?.kind === 'certificate-changed' && events[1].code, 'ROUTER_CERTIFICATE_UNUSABLE');
});

test('files that go and come back are reported, and served again without a word', async () => {
  await material.load();
  const before = material.secureContext;
  rmSync(files.keyFile);
  await poll();
  await poll();
  put('good');
  await poll();
  await poll();
  assert.equal(material.secureContext, before);
  assert.deepEqual(messages(), [GOOD_UNTIL, `${files.keyFile} does not exist`]);
});

test('the same mistake made again after it was mended is reported again', async () => {
  await material.load();
  for (let round = 0; round < 2; round += 1) {
    writeFileSync(files.certFile, readFileSync(files.keyFile));
    await poll();
    await poll();
    put('good');
    await poll();
  }
  assert.deepEqual(messages().slice(1), [
    `${files.certFile} holds no certificate in PEM format`,
    `${files.certFile} holds no certificate in PEM format`,
  ]);
});

test('a pair that cannot be served at the start is an error with a code', async () => {
  writeFileSync(files.keyFile, '');
  await assert.rejects(material.load(), (error) => {
    assert.ok(error instanceof RouterError);
    assert.equal(error.code, 'ROUTER_CERTIFICATE_UNUSABLE');
    return true;
  });
  assert.equal(clock.pending, 0);
});

test('nothing is read any more once it is closed', async () => {
  await material.load();
  material.close();
  assert.equal(clock.pending, 0);
});
