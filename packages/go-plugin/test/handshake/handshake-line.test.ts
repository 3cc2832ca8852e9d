import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PluginErrorCode } from '../../src/errors.ts';
import { GO_PLUGIN_ERRORS, PluginError } from '../../src/errors.ts';
import { formatHandshakeLine } from '../../src/handshake/format-handshake-line.ts';
import type { HandshakeLine } from '../../src/handshake/handshake-line.ts';
import { parseHandshakeLine } from '../../src/handshake/parse-handshake-line.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const numRuns = fuzzRuns(200);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A DER SEQUENCE of 64 bytes: what the parser asks of a certificate. */
const der = Uint8Array.of(0x30, 62, ...new Array<number>(62).fill(7));
const certificate = Buffer.from(der).toString('base64').replace(/=+$/, '');

const unix = { network: 'unix', path: '/tmp/p' } as const;

const ACCEPTED: readonly (readonly [string, HandshakeLine])[] = [
  ['1|1|unix|/tmp/p', { appVersion: 1, address: unix, protocol: 'netrpc' }],
  ['1|2|unix|/tmp/p|netrpc', { appVersion: 2, address: unix, protocol: 'netrpc' }],
  ['1|0|unix|/tmp/p|grpc', { appVersion: 0, address: unix, protocol: 'grpc' }],
  ['1|1|unix|/tmp/p|netrpc|', { appVersion: 1, address: unix, protocol: 'netrpc' }],
  ['  1|1|unix|/tmp/p|netrpc| \r', { appVersion: 1, address: unix, protocol: 'netrpc' }],
  ['1|1|unix|/tmp/p|netrpc|short', { appVersion: 1, address: unix, protocol: 'netrpc' }],
  [
    `1|1|unix|/tmp/p|netrpc|${certificate}`,
    { appVersion: 1, address: unix, protocol: 'netrpc', certificate: der },
  ],
  ['1|1|unix|/tmp/p|netrpc||true', { appVersion: 1, address: unix, protocol: 'netrpc', multiplex: true }],
  ['1|1|unix|/tmp/p|grpc||F', { appVersion: 1, address: unix, protocol: 'grpc', multiplex: false }],
  ['1|1|unix|/tmp/p|grpc||', { appVersion: 1, address: unix, protocol: 'grpc' }],
  [
    '1|1|tcp|127.0.0.1:10000|netrpc|',
    { appVersion: 1, address: { network: 'tcp', host: '127.0.0.1', port: 10_000 }, protocol: 'netrpc' },
  ],
  [
    '1|1|tcp|[::1]:10000',
    { appVersion: 1, address: { network: 'tcp', host: '::1', port: 10_000 }, protocol: 'netrpc' },
  ],
];

for (const [text, line] of ACCEPTED) {
  test(`the handshake line ${JSON.stringify(text.slice(0, 40))} is accepted`, () => {
    assert.deepEqual(parseHandshakeLine(bytes(text)), { kind: 'handshake', line });
  });
}

const REFUSED: readonly (readonly [string, PluginErrorCode])[] = [
  ['', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['hello', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['1|1|unix', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['2|1|unix|/tmp/p', 'PLUGIN_HANDSHAKE_CORE_VERSION'],
  ['|1|unix|/tmp/p', 'PLUGIN_HANDSHAKE_CORE_VERSION'],
  ['1|x|unix|/tmp/p', 'PLUGIN_HANDSHAKE_APP_VERSION'],
  ['1|-1|unix|/tmp/p', 'PLUGIN_HANDSHAKE_APP_VERSION'],
  ['1|1e3|unix|/tmp/p', 'PLUGIN_HANDSHAKE_APP_VERSION'],
  ['1|1|udp|/tmp/p', 'PLUGIN_HANDSHAKE_NETWORK'],
  ['1|1|unix|', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|unix|a\0b', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|tcp|127.0.0.1', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|tcp|127.0.0.1:0', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|tcp|127.0.0.1:65536', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|tcp|:80', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|unix|/tmp/p|', 'PLUGIN_HANDSHAKE_PROTOCOL'],
  ['1|1|unix|/tmp/p|http', 'PLUGIN_HANDSHAKE_PROTOCOL'],
  [`1|1|unix|/tmp/p|netrpc|${'x'.repeat(60)}`, 'PLUGIN_HANDSHAKE_CERTIFICATE'],
  [`1|1|unix|/tmp/p|netrpc|${'='.repeat(60)}`, 'PLUGIN_HANDSHAKE_CERTIFICATE'],
  [`1|1|unix|/tmp/p|netrpc|${certificate}AAAA`, 'PLUGIN_HANDSHAKE_CERTIFICATE'],
  ['1|1|unix|/tmp/p|netrpc||yes', 'PLUGIN_HANDSHAKE_MULTIPLEX'],
  ['1|1|unix|/tmp/p|netrpc||true|more', 'PLUGIN_HANDSHAKE_MULTIPLEX'],
  [`1|1|unix|/${'x'.repeat(70_000)}`, 'PLUGIN_HANDSHAKE_TOO_LONG'],
];

for (const [text, code] of REFUSED) {
  test(`the handshake line ${JSON.stringify(text.slice(0, 40))} is refused with ${code}`, () => {
    const parse = parseHandshakeLine(bytes(text));
    assert.ok(parse.kind === 'refused');
    assert.equal(parse.code, code);
    assert.ok(parse.reason.length > 0 && parse.reason.length < 250);
  });
}

test('any bytes give a handshake or a refusal from the catalogue', () => {
  const soup = fc.array(
    fc.constantFrom('1', '|', 'unix', 'tcp', '/a', ':', 'grpc', 'true', '\0', ' ', certificate),
  );
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    soup.map((parts) => bytes(parts.join(''))),
  );
  fc.assert(
    fc.property(input, (line) => {
      const parse = parseHandshakeLine(line);
      if (parse.kind === 'refused') assert.ok(parse.code in GO_PLUGIN_ERRORS);
      else assert.ok(parse.line.appVersion >= 0);
    }),
    { numRuns },
  );
});

test('what is formatted is parsed back', () => {
  const segment = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/);
  const address = fc.oneof(
    segment.map((name) => ({ network: 'unix', path: `/tmp/${name}` }) as const),
    fc.record({
      network: fc.constant('tcp' as const),
      host: fc.constantFrom('127.0.0.1', '::1', 'localhost'),
      port: fc.integer({ min: 1, max: 65_535 }),
    }),
  );
  const lines = fc.record(
    {
      appVersion: fc.nat(999_999_999),
      address,
      protocol: fc.constantFrom('netrpc', 'grpc'),
      certificate: fc.constant(der),
      multiplex: fc.boolean(),
    },
    { requiredKeys: ['appVersion', 'address', 'protocol'] },
  );
  fc.assert(
    fc.property(lines, (line) => {
      const expected = { ...line, address: { ...line.address } };
      assert.deepEqual(parseHandshakeLine(bytes(formatHandshakeLine(line))), {
        kind: 'handshake',
        line: expected,
      });
    }),
    { numRuns },
  );
});

test('a net/rpc line without certificate ends in the separator, as Go plugins print it', () => {
  assert.equal(
    formatHandshakeLine({ appVersion: 1, address: unix, protocol: 'netrpc' }),
    '1|1|unix|/tmp/p|netrpc|\n',
  );
});

for (const path of ['/tmp/a|b', '/tmp/a\nb', '/tmp/a ']) {
  test(`the socket path ${JSON.stringify(path)} cannot stand in a handshake line`, () => {
    assert.throws(
      () => formatHandshakeLine({ appVersion: 1, address: { network: 'unix', path }, protocol: 'netrpc' }),
      (error) => error instanceof PluginError && error.code === 'PLUGIN_HANDSHAKE_ADDRESS',
    );
  });
}
