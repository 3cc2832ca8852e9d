import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, parseHostPort } from '../../src/config/host-port.ts';
import { parseDuration, parseSize } from '../../src/config/units.ts';

test('durations and sizes are whole milliseconds and bytes', () => {
  const durations = {
    '250ms': 250,
    '4s': 4000,
    '5m': 300_000,
    '1h': 3_600_000,
    '3d': 259_200_000,
    '1.5s': 1500,
  };
  for (const [text, ms] of Object.entries(durations)) assert.equal(parseDuration(text), ms, text);
  const sizes = {
    '0B': 0,
    '1kB': 1000,
    '1KB': 1000,
    '25MB': 25_000_000,
    '1KiB': 1024,
    '50MiB': 52_428_800,
    '1GiB': 2 ** 30,
  };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
});

test('anything else is no duration and no size', () => {
  for (const text of ['', '5', 's', '5 s', '-5s', '5S', '1e3s', '5w', ' 5s', '5s ', '0x5s', '٥s']) {
    assert.equal(parseDuration(text), undefined, text);
  }
  for (const text of ['', '5', 'MB', '5 MB', '-5MB', '5mb', '5Mb', '5TB', '99999999999999999B']) {
    assert.equal(parseSize(text), undefined, text);
  }
});

test('addresses are host and port, IPv6 in brackets', () => {
  assert.deepEqual(parseHostPort('[::1]:25'), { host: '::1', port: 25 });
  assert.deepEqual(parseHostPort('mail.example.com:587'), { host: 'mail.example.com', port: 587 });
  assert.deepEqual(parseHostPort('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
  for (const text of [
    '',
    ':25',
    '::1:25',
    '[::1]',
    '[x]:25',
    'a b:25',
    'a:99999',
    '1.2.3:25',
    'a..b:25',
    '-a:25',
    'smtp://a:25',
    'u:p@a:25',
    'a:25\r\n',
    'é:25',
  ]) {
    assert.equal(typeof parseHostPort(text), 'string', text);
  }
});

test('loopback is 127.0.0.0/8, ::1 and localhost', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST'])
    assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '10.0.0.1', '::', '127.example.com', 'localhost.example.com'])
    assert.ok(!isLoopback(host), host);
});
