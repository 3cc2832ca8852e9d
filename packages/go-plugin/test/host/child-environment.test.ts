import assert from 'node:assert/strict';
import test from 'node:test';
import { childEnvironment } from '../../src/host/child-environment.ts';

const host = {
  PATH: '/bin',
  HOME: '/root',
  TZ: 'UTC',
  LANG: 'C',
  LC_ALL: 'C',
  SSL_CERT_FILE: '/c',
  SSL_CERT_DIR: '/d',
  AWS_SECRET_ACCESS_KEY: 'x',
  NODE_OPTIONS: '--inspect',
  LD_PRELOAD: '/evil.so',
  SMTP_PASSWORD: 'x',
  Path: 'not on this platform',
  EMPTY: undefined,
};

test('only the allow-list is inherited', () => {
  assert.deepEqual(Object.keys(childEnvironment({ host, own: {}, protocol: {}, platform: 'linux' })), [
    'PATH',
    'HOME',
    'TZ',
    'LANG',
    'LC_ALL',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
  ]);
});

test('the plugin’s own variables win over inherited ones, the protocol’s over both', () => {
  const environment = childEnvironment({
    host,
    own: { PATH: '/own', PLUGIN_MIN_PORT: '1', KEY: 'k' },
    protocol: { PLUGIN_MIN_PORT: '10000' },
    platform: 'linux',
  });
  assert.equal(environment['PATH'], '/own');
  assert.equal(environment['PLUGIN_MIN_PORT'], '10000');
  assert.equal(environment['KEY'], 'k');
});

test('Windows needs a few more, in whatever case', () => {
  const environment = childEnvironment({
    host: { Path: 'C:\\bin', SystemRoot: 'C:\\Windows', SECRET: 'x' },
    own: {},
    protocol: {},
    platform: 'win32',
  });
  assert.deepEqual(environment, { Path: 'C:\\bin', SystemRoot: 'C:\\Windows' });
});
