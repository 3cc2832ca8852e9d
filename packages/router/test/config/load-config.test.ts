import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { formatProblem } from '../../src/config/config-problem.ts';
import type { ConfigSurroundings } from '../../src/config/config-scope.ts';
import { type ConfigResult, loadConfig, parseConfig } from '../../src/config/load-config.ts';
import type { RouterConfig } from '../../src/config/router-config.ts';
import { ROUTER_ERRORS } from '../../src/errors.ts';
import { tlsFixture } from '../support/downstream-options.ts';

const directory = mkdtempSync(join(tmpdir(), 'config-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const elsewhere = join(directory, 'elsewhere');
mkdirSync(join(directory, 'plugins/round_robin'), { recursive: true });
mkdirSync(join(elsewhere, 'plugins'), { recursive: true });
for (const file of ['plugins/round_robin/round-robin-plugin', 'elsewhere/plugins/other']) {
  writeFileSync(join(directory, file), '#!/bin/sh\n');
  chmodSync(join(directory, file), 0o755);
}
writeFileSync(join(directory, 'not-executable'), 'text');
writeFileSync(join(directory, 'script.mjs'), '');
writeFileSync(join(directory, 'secret.txt'), 'from file\n');
writeFileSync(join(directory, 'empty.txt'), '\n');

for (const name of ['good', 'expired']) {
  for (const file of [`${name}.pem`, `${name}.key`]) copyFileSync(tlsFixture(file), join(directory, file));
}
const PKCS8 = { type: 'pkcs8', format: 'pem' } as const;
writeFileSync(
  join(directory, 'rsa.key'),
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(PKCS8),
);
writeFileSync(
  join(directory, 'encrypted.key'),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    ...PKCS8,
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  }),
);

/** What `script.mjs` has. */
const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const surroundings: ConfigSurroundings = {
  env: { SECRET: 'from environment', EMPTY: '', PATH: join(elsewhere, 'plugins') },
  cwd: elsewhere,
  execPath: '/usr/bin/node',
  hostname: 'system.example',
};

function parse(text: string | Uint8Array): ConfigResult {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return parseConfig(join(directory, 'c.yaml'), bytes, { surroundings });
}

function problemsIn(text: string | Uint8Array): readonly string[] {
  const result = parse(text);
  if (result.kind === 'ok') return [];
  return result.problems.map((problem) => formatProblem(problem).replaceAll(`${directory}/`, ''));
}

function configOf(text: string): RouterConfig {
  const result = parse(text);
  assert.equal(result.kind, 'ok', problemsIn(text).join('\n'));
  return result.kind === 'ok' ? result.config : assert.fail();
}

const SMTPMUX = `users:
  - email: "test@user.com"
    password: "password123"
    selector_algo_path: "./plugins/round_robin/round-robin-plugin"
    downstreams:
      - addr: "localhost:1026"
        user: "any"
        pass: "any"
      - addr: "localhost:1027"
        user: "any"
        pass: "any"
`;

/** Has the form of a hash; of no known password. */
const HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Zm9ydHktdGhyZWUtY2hhcmFjdGVycy1vZi1iYXNlNjQtMQ';

const GOOD = `users: [{ email: a@b, password: x }]
downstreams: { one: { addr: "127.0.0.1:25" } }
`;

describe('a valid file', () => {
  test('smtpmux config.yaml runs unchanged', () => {
    const config = configOf(SMTPMUX);
    const user = config.users.get('test@user.com');
    assert.deepEqual(user?.downstreams, ['localhost:1026', 'localhost:1027']);
    const selector = config.selectors.get(user?.selector ?? '');
    assert.equal(selector?.kind, 'plugin');
    const path = join(directory, 'plugins/round_robin/round-robin-plugin');
    assert.deepEqual(selector?.kind === 'plugin' && selector.command, [path]);
    assert.equal(config.downstreams.get('localhost:1027')?.password, 'any');
  });

  test('the config of a plugin is handed on as JSON, and every part of it has its place', () => {
    const config = configOf(`${GOOD}selectors:
  p:
    plugin: script.mjs
    config:
      regions: { eu: [one, 2, true, null] }
      "my key": 1.5
  q: { plugin: script.mjs }
`);
    const settingsOf = (name: string) => {
      const selector = config.selectors.get(name);
      return selector?.kind === 'plugin' ? selector.settings : assert.fail();
    };
    const { json, locate } = settingsOf('p');
    assert.deepEqual(JSON.parse(json), { regions: { eu: ['one', 2, true, null] }, 'my key': 1.5 });
    const file = join(directory, 'c.yaml');
    for (const [path, place] of [
      ['regions.eu[1]', '7:28 selectors.p.config.regions.eu[1]'],
      ['["my key"]', '8:17 selectors.p.config["my key"]'],
      ['regions.us', '7:16 selectors.p.config.regions.us'],
      ['not ] a path', '7:7 selectors.p.config'],
      ['', '7:7 selectors.p.config'],
    ] as const) {
      assert.equal(locate(path), `${file}:${place}`);
    }
    assert.equal(settingsOf('q').json, '');
    assert.equal(settingsOf('q').locate('x'), `${file}:9:6 selectors.q.config.x`);
  });

  test('defaults are those of the reference', () => {
    const config = configOf(GOOD);
    assert.equal(config.hostname, 'system.example');
    assert.deepEqual(config.listen, [
      {
        host: '127.0.0.1',
        port: 2525,
        tls: 'off',
        auth: 'required',
        networks: ['127.0.0.0/8', '::1/128'],
        isPlaintextAuthAllowed: true,
        proxyProtocolFrom: [],
      },
    ]);
    assert.equal(config.tls, undefined);
    assert.equal(config.limits.connectionsPerAddress, 100);
    assert.equal(config.timeouts.clientTlsMs, 30_000);
    assert.equal(config.limits.messageSizeBytes, 50 * 1024 * 1024);
    assert.equal(config.timeouts.dotMs, 600_000);
    assert.equal(config.relayBudgetMs, 25_000);
    assert.deepEqual(config.admin, { host: '127.0.0.1', port: 9025 });
    assert.equal(config.stateDir, join(directory, 'state'));
    assert.deepEqual(config.users.get('a@b')?.downstreams, ['one']);
    assert.equal(config.users.get('a@b')?.selector, 'in-order');
  });

  test('a plugin path is also tried from the working directory when smtpmux names it', () => {
    const config = configOf(SMTPMUX.replace('round_robin/round-robin-plugin', 'other'));
    const selector = config.selectors.get('./plugins/other');
    assert.equal(selector?.kind === 'plugin' && selector.path, join(elsewhere, 'plugins/other'));
  });

  test('a checksum may be in capitals and have its kind before it; mutual TLS is preferred', () => {
    const config = configOf(`${GOOD}selectors:
  p: { plugin: script.mjs, sha256: "sha256:${SHA256_OF_NOTHING.toUpperCase()}", auto_mtls: require }
  q: { plugin: script.mjs }
`);
    const [p, q] = ['p', 'q'].map((name) => config.selectors.get(name));
    assert.ok(p?.kind === 'plugin' && q?.kind === 'plugin');
    assert.deepEqual([p.sha256, p.autoMtls], [SHA256_OF_NOTHING, 'require']);
    assert.deepEqual([q.sha256, q.autoMtls], [undefined, 'prefer']);
  });

  test('a script is run by the own Node of the router, a command is found in PATH', () => {
    const config = configOf(`${GOOD}selectors: { s: { plugin: script.mjs }, c: { command: [other, -v] } }`);
    const commandOf = (name: string) => {
      const selector = config.selectors.get(name);
      return selector?.kind === 'plugin' ? selector.command : undefined;
    };
    assert.deepEqual(commandOf('s'), ['/usr/bin/node', join(directory, 'script.mjs')]);
    assert.deepEqual(commandOf('c'), [join(elsewhere, 'plugins/other'), '-v']);
  });

  test('a user may have a hash instead of a password, and addresses it may send under', () => {
    const config = configOf(`users:
  - { email: a@b, password_hash: "${HASH}", allowed_senders: ["*@b", c@d, "*"] }
downstreams: { one: { addr: "127.0.0.1:25" } }
`);
    const user = config.users.get('a@b');
    assert.deepEqual(user?.login, { passwordHash: HASH });
    assert.deepEqual(user?.allowedSenders, ['*@b', 'c@d', '*']);
    assert.equal(configOf(GOOD).users.get('a@b')?.allowedSenders, undefined);
  });

  test('the files that replace a plugin are its own, those of a list, or none', () => {
    const config = configOf(`${GOOD}selectors:
  own: { plugin: script.mjs }
  more: { plugin: script.mjs, watch: [secret.txt, script.mjs] }
  none: { plugin: script.mjs, watch: false }
  found: { command: [other, -v] }
  named: { command: [./elsewhere/plugins/other] }
  listed: { command: [other, script.mjs], watch: [script.mjs] }
`);
    const watched = (name: string) => {
      const selector = config.selectors.get(name);
      return selector?.kind === 'plugin' ? selector.watchedFiles : assert.fail();
    };
    const script = join(directory, 'script.mjs');
    assert.deepEqual(watched('own'), [script]);
    assert.deepEqual(watched('more'), [script, join(directory, 'secret.txt')]);
    assert.deepEqual(watched('none'), []);
    assert.deepEqual(watched('found'), []);
    assert.deepEqual(watched('named'), [join(elsewhere, 'plugins/other')]);
    assert.deepEqual(watched('listed'), [script]);
  });

  test('users who name the same plugin file share one selector', () => {
    const config = configOf(`users:
  - { email: a@b, password: x, selector: ./script.mjs }
  - { email: c@d, password: x, selector: ../${directory.split('/').at(-1)}/script.mjs }
downstreams: { one: { addr: "127.0.0.1:25" } }`);
    assert.equal(config.users.get('a@b')?.selector, config.users.get('c@d')?.selector);
  });

  test('passwords come from the file, from the environment or from a file of their own', () => {
    const config = configOf(`users:
  - { email: a@b, password: "plain" }
  - { email: c@d, password_env: SECRET }
  - { email: e@f, password_file: secret.txt }
downstreams: { one: { addr: "127.0.0.1:25", user: u, pass_file: secret.txt } }`);
    assert.deepEqual(
      [...config.users.values()].map(({ login }) => 'password' in login && login.password),
      ['plain', 'from environment', 'from file'],
    );
    assert.equal(config.downstreams.get('one')?.password, 'from file');
    assert.equal(config.downstreams.get('one')?.passwordFile, join(directory, 'secret.txt'));
    assert.deepEqual(
      [...config.users.values()].map(({ login }) => 'password' in login && login.passwordFile),
      [undefined, undefined, join(directory, 'secret.txt')],
    );
  });

  test('inline downstreams are named by their address, equal ones are one, different ones get a number', () => {
    const config = configOf(`users:
  - { email: a@b, password: x, downstreams: [{ addr: "h:25", user: u, pass: p }] }
  - { email: c@d, password: x, downstreams: [{ addr: "h:25", user: u, pass: p }] }
  - { email: e@f, password: x, downstreams: [{ addr: "h:25", user: v, pass: p }, { addr: "h:25" }] }`);
    assert.deepEqual([...config.downstreams.keys()], ['h:25', 'h:25#2', 'h:25#3']);
    assert.deepEqual(config.users.get('c@d')?.downstreams, ['h:25']);
    assert.deepEqual(config.users.get('e@f')?.downstreams, ['h:25#2', 'h:25#3']);
  });

  test('sizes and durations keep their units', () => {
    const config = configOf(`${GOOD}limits: { message_size: 25MB }
timeouts: { connect: 4s, dot: 5m, client_data: 1.5s, transaction: 3d }
shutdown_grace: 500ms`);
    assert.equal(config.limits.messageSizeBytes, 25_000_000);
    assert.deepEqual(
      [config.timeouts.connectMs, config.timeouts.dotMs, config.timeouts.clientDataMs],
      [4000, 300_000, 1500],
    );
    assert.equal(config.timeouts.transactionMs, 3 * 86_400_000);
    assert.equal(config.shutdownGraceMs, 500);
  });

  test('a network of every address is a warning where it lets mail in without AUTH', () => {
    const warningsOf = (auth: string) => {
      const listen = `{ address: "127.0.0.1:0", auth: ${auth}, user: a@b, networks: [10.0.0.0/8, "::/0"] }`;
      const result = parse(`${GOOD}listen: [${listen}]\n`);
      return result.kind === 'ok'
        ? result.warnings.map(({ path, message }) => `${path} ${message}`)
        : ['bad'];
    };
    const warning =
      'listen[0].networks[1] ::/0 is every address: whoever reaches this listener may send mail without AUTH';
    assert.deepEqual(warningsOf('optional'), [warning]);
    assert.deepEqual(warningsOf('off'), [warning]);
    assert.deepEqual(warningsOf('required'), []);
  });

  test('what a downstream accepts and rewrites; login is its user', () => {
    const keys =
      'max_recipients: 50, verified_from: ["*@b"], rewrite_from: login, rewrite_mail_from: x@c, user: me@b, pass: y';
    const result = parse(
      `users: [{ email: a@b, password: x }]\ndownstreams: { ses: { addr: "h:25", ${keys} }, own: { addr: "h:26" } }`,
    );
    assert.ok(result.kind === 'ok');
    const { ses, own } = Object.fromEntries(result.config.downstreams);
    assert.deepEqual(
      [ses?.maxRecipients, ses?.verifiedFrom, ses?.rewriteFrom, ses?.rewriteMailFrom],
      [50, ['*@b'], 'me@b', 'x@c'],
    );
    assert.deepEqual(
      [own?.maxRecipients, own?.verifiedFrom, own?.rewriteFrom, own?.rewriteMailFrom],
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(
      result.warnings.map(formatProblem),
      [
        'c.yaml:2:95 downstreams.ses.rewrite_from: makes the DKIM signature of a message invalid; sign mail behind this downstream',
      ].map((text) => join(directory, text)),
    );
  });

  test('with a certificate every listener has STARTTLS unless it says otherwise', () => {
    const listen =
      '{ address: "0.0.0.0:1" }, { address: "0.0.0.0:2", tls: implicit }, { address: "127.0.0.1:3", tls: off }';
    const result = parse(`${GOOD}tls: { cert: good.pem, key: good.key }\nlisten: [${listen}]`);
    assert.equal(result.kind, 'ok');
    if (result.kind !== 'ok') return;
    assert.deepEqual(
      result.config.listen.map(({ tls }) => tls),
      ['starttls', 'implicit', 'off'],
    );
    assert.deepEqual(result.config.tls, {
      certFile: join(directory, 'good.pem'),
      keyFile: join(directory, 'good.key'),
    });
    assert.deepEqual(result.warnings, [], 'AUTH is offered inside TLS');
  });

  test('an expired certificate is a warning', () => {
    const result = parse(`${GOOD}tls: { cert: expired.pem, key: expired.key }`);
    const [warning] = result.kind === 'ok' ? result.warnings : [];
    assert.match(warning?.message ?? '', /expired\.pem expired on Thu, 01 Feb 2024/);
  });

  test('every address as trusted balancer is a warning', () => {
    const result = parse(
      `${GOOD}listen: [{ address: "127.0.0.1:1", proxy_protocol_from: [10.0.0.1, "0.0.0.0/0"] }]`,
    );
    const [warning] = result.kind === 'ok' ? result.warnings : [];
    assert.equal(warning?.path, 'listen[0].proxy_protocol_from[1]');
  });

  test('AUTH that would not be offered is a warning with its place', () => {
    const result = parse(`${GOOD}listen: [{ address: "0.0.0.0:587" }]`);
    assert.equal(result.kind, 'ok');
    const [warning] = result.kind === 'ok' ? result.warnings : [];
    assert.match(
      warning === undefined ? '' : formatProblem(warning),
      /c\.yaml:3:21 listen\[0\]\.address: AUTH is not offered/,
    );
  });

  test('an address of the command line replaces those of the file', () => {
    const text = `${GOOD}listen: [{ address: "127.0.0.1:1", auth: off, user: A@b }, { address: "127.0.0.1:2" }]`;
    const options = { surroundings, listen: { host: '0.0.0.0', port: 3 } };
    const result = parseConfig(join(directory, 'c.yaml'), new TextEncoder().encode(text), options);
    assert.equal(result.kind, 'ok');
    const listen = result.kind === 'ok' ? result.config.listen : [];
    assert.deepEqual(
      listen.map(({ host, port, auth, user }) => ({ host, port, auth, user })),
      [{ host: '0.0.0.0', port: 3, auth: 'off', user: 'a@b' }],
    );
  });

  test('the result is frozen through and through', () => {
    const config = configOf(GOOD);
    assert.ok(
      Object.isFrozen(config) && Object.isFrozen(config.listen[0]) && Object.isFrozen(config.timeouts),
    );
    assert.ok(Object.isFrozen(config.users.get('a@b')) && Object.isFrozen(config.downstreams.get('one')));
  });
});

/** Text of a file after its good part (lines 1 and 2), and every problem it has. */
const TABLE: readonly (readonly [title: string, text: string, ...problems: string[]])[] = [
  [
    'a misspelt key names the nearest',
    'hostnam: x',
    'c.yaml:3:1 hostnam: unknown key; did you mean "hostname"?',
  ],
  [
    'an unknown key near to nothing names the known ones',
    'relay: { zzzzzzzz: 1 }',
    'c.yaml:3:10 relay.zzzzzzzz: unknown key; known are budget, ambiguous',
  ],
  [
    'a duplicate key',
    'hostname: x\nhostname: y',
    'c.yaml:4:1 this key stands twice in the same mapping; keep one',
  ],
  [
    'a number where text is meant',
    'hostname: 5',
    'c.yaml:3:11 hostname: expected text, found a number; put it in quotes',
  ],
  ['a list where a mapping is meant', 'limits: []', 'c.yaml:3:9 limits: expected a mapping, found a list'],
  ['nothing where a mapping is meant', 'limits:', 'c.yaml:3:8 limits: expected a mapping, found nothing'],
  [
    'a size with a bad unit',
    'limits: { message_size: 25XB }',
    'c.yaml:3:25 limits.message_size: "25XB" is no size; write 500kB, 25MB or 50MiB',
  ],
  [
    'a duration without a unit',
    'timeouts: { dot: 10 }',
    'c.yaml:3:18 timeouts.dot: expected a duration with a unit, such as 500ms, 30s, 5m or 3d, found a number',
  ],
  [
    'a duration with a bad unit',
    'timeouts: { dot: 3w }',
    'c.yaml:3:18 timeouts.dot: "3w" is no duration; write 500ms, 30s, 5m, 1h or 3d',
  ],
  [
    'a duration of nothing',
    'timeouts: { dot: 0s }',
    'c.yaml:3:18 timeouts.dot: "0s" is out of range; durations go from 1ms to 24d',
  ],
  ['a number out of range', 'limits: { recipients: 0 }', 'c.yaml:3:23 limits.recipients: must be at least 1'],
  [
    'an address without a port',
    'listen: [{ address: 127.0.0.1 }]',
    'c.yaml:3:21 listen[0].address: "127.0.0.1" has no port; write 127.0.0.1:25, for example',
  ],
  [
    'an address that does not exist',
    'listen: [{ address: "300.0.0.1:25" }]',
    'c.yaml:3:21 listen[0].address: "300.0.0.1" is no host name or address',
  ],
  [
    'a listener without AUTH and without identity',
    'listen: [{ address: "127.0.0.1:1", auth: off }]',
    'c.yaml:3:10 listen[0].user: is missing; auth: off needs the user whose downstreams carry mail without AUTH',
  ],
  [
    'a listener for a user who does not exist',
    'listen: [{ address: "127.0.0.1:1", auth: off, user: aa@b }]',
    'c.yaml:3:53 listen[0].user: no user "aa@b"; did you mean "a@b"?',
  ],
  [
    'a network that is none',
    'listen: [{ address: "127.0.0.1:1", networks: [10.0.0.0/33] }]',
    'c.yaml:3:47 listen[0].networks[0]: "10.0.0.0/33" is no network; write 10.0.0.0/8, fd00::/8 or a single address',
  ],
  [
    'the same address twice',
    'listen: [{ address: "127.0.0.1:1" }, { address: "127.0.0.1:1" }]',
    'c.yaml:3:49 listen[1].address: 127.0.0.1:1 is listened on twice; keep one',
  ],
  [
    'a word that is none',
    'log: { level: inf }',
    'c.yaml:3:15 log.level: "inf" is not possible; did you mean "info"?',
  ],
  [
    'a plugin that does not exist',
    'selectors: { p: { plugin: ./nope } }',
    'c.yaml:3:27 selectors.p.plugin: there is no plugin nope; build it or correct the path',
  ],
  [
    'a watched file that does not exist',
    'selectors: { p: { plugin: script.mjs, watch: [nope.py] } }',
    'c.yaml:3:47 selectors.p.watch[0]: there is no file nope.py to watch; correct the path',
  ],
  [
    'a plugin that may not be executed',
    'selectors: { p: { plugin: ./not-executable } }',
    'c.yaml:3:27 selectors.p.plugin: not-executable may not be executed; run chmod +x on it',
  ],
  [
    'a plugin that is a directory',
    'selectors: { p: { plugin: ./plugins } }',
    'c.yaml:3:27 selectors.p.plugin: plugins is no file; name the plugin itself',
  ],
  [
    'a plugin with another checksum',
    `selectors: { p: { plugin: script.mjs, sha256: ${'ab'.repeat(32)} } }`,
    `c.yaml:3:47 selectors.p.sha256: script.mjs has the SHA-256 ${SHA256_OF_NOTHING}; ${'ab'.repeat(32)} is expected`,
  ],
  [
    'a checksum that is none',
    'selectors: { p: { plugin: script.mjs, sha256: abc } }',
    'c.yaml:3:47 selectors.p.sha256: is no SHA-256; sha256sum prints 64 hexadecimal digits',
  ],
  [
    'a checksum of a command',
    `selectors: { p: { command: [other], sha256: ${'ab'.repeat(32)} } }`,
    'c.yaml:3:45 selectors.p.sha256: goes with plugin only: under command nothing says which file it is of',
  ],
  [
    'a command that is not installed',
    'selectors: { p: { command: [python9, x.py] } }',
    'c.yaml:3:29 selectors.p.command[0]: there is no program "python9" in PATH; install it or correct the path',
  ],
  [
    'a selector that is neither plugin nor command',
    'selectors: { p: {} }',
    'c.yaml:3:17 selectors.p.plugin: is missing; it needs the path of a plugin, or command',
  ],
  [
    'a selector named like a strategy',
    'selectors: { random: { plugin: ./script.mjs } }',
    'c.yaml:3:14 selectors.random: "random" is the name of a strategy; choose another',
  ],
  [
    'a config of a plugin that JSON cannot say',
    'selectors: { p: { plugin: ./script.mjs, config: { a: [1, .inf] } } }',
    'c.yaml:3:58 selectors.p.config.a[1]: must be a finite number, text, true, false, null, a list or a mapping',
  ],
  [
    'a config of a plugin that is too long',
    `selectors: { p: { plugin: ./script.mjs, config: ${'x'.repeat(262_144)} } }`,
    'c.yaml:3:49 selectors.p.config: is longer than 262144 bytes; let the plugin read a file of its own',
  ],
  [
    'a spool of no known kind',
    'spool: { url: "mysql://u:p@h/d" }',
    'c.yaml:3:15 spool.url: is no spool; write sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE',
  ],
  [
    'a delay beyond the end',
    'retry: { delays: [1m, 2h], give_up_after: 1h }',
    'c.yaml:3:43 retry.give_up_after: is shorter than one of the delays',
  ],
  [
    'reports by nobody',
    'bounces: { via: nobody }',
    'c.yaml:3:17 bounces.via: no downstream "nobody"; known are one',
  ],
  [
    'reports to no address',
    'bounces: { to: somebody }',
    'c.yaml:3:16 bounces.to: "somebody" is no address; write sender, none or an address',
  ],
  [
    'TLS without a certificate',
    'listen: [{ address: "127.0.0.1:1", tls: starttls }]',
    'c.yaml:3:41 listen[0].tls: starttls needs a certificate; set tls: { cert: FILE, key: FILE } beside listen',
  ],
  ['a certificate that is not there', 'tls: { cert: x, key: good.key }', 'c.yaml:3:6 tls: x does not exist'],
  [
    'a key of another certificate',
    'tls: { cert: good.pem, key: expired.key }',
    'c.yaml:3:6 tls: expired.key is not the key of the certificate in good.pem',
  ],
  [
    'a key of another kind',
    'tls: { cert: good.pem, key: rsa.key }',
    'c.yaml:3:6 tls: rsa.key is not the key of the certificate in good.pem',
  ],
  [
    'a key with a passphrase',
    'tls: { cert: good.pem, key: encrypted.key }',
    'c.yaml:3:6 tls: encrypted.key needs a passphrase; store the key without one',
  ],
  [
    'a file without a certificate',
    'tls: { cert: secret.txt, key: good.key }',
    'c.yaml:3:6 tls: secret.txt holds no certificate in PEM format',
  ],
  [
    'a file without a key',
    'tls: { cert: good.pem, key: secret.txt }',
    'c.yaml:3:6 tls: secret.txt holds no private key in PEM format',
  ],
  [
    'a directory as certificate',
    'tls: { cert: elsewhere, key: good.key }',
    'c.yaml:3:6 tls: elsewhere is no PEM file with a certificate or key',
  ],
  [
    'an admin address beyond loopback',
    'admin: { address: "0.0.0.0:9025" }',
    'c.yaml:3:19 admin.address: 0.0.0.0:9025 is not loopback, which is not supported yet by this release; use 127.0.0.1:9025',
  ],
  [
    'broken YAML',
    'log: { level: info',
    'c.yaml:4:1 this is not readable as YAML: Flow map in block collection must be sufficiently indented and end with a }',
  ],
  ['an unknown tag', 'hostname: !secret x', 'c.yaml:3:11 this is not readable as YAML: Unresolved tag'],
];

const USERS: readonly (readonly [title: string, text: string, ...problems: string[]])[] = [
  [
    'a password that is a number',
    '{ email: a@b, password: 12345 }',
    'c.yaml:2:29 users[0].password: expected text, found a number; put it in quotes',
  ],
  [
    'no password',
    '{ email: a@b }',
    'c.yaml:2:5 users[0].password: is missing; it needs password, password_env, password_file or password_hash',
  ],
  [
    'two places for a password',
    '{ email: a@b, password: x, password_env: SECRET }',
    'c.yaml:2:5 users[0]: keep only one of password, password_env and password_file',
  ],
  [
    'a hash beside a password',
    `{ email: a@b, password: x, password_hash: "${HASH}" }`,
    'c.yaml:2:5 users[0]: keep either password_hash or the password itself',
  ],
  [
    'a hash of another kind',
    '{ email: a@b, password_hash: "$2b$10$abcdefghijklmnopqrstuv" }',
    'c.yaml:2:34 users[0].password_hash: is no argon2id hash; smtp-router user hash prints one',
  ],
  [
    'a hash that needs more than 1 GiB',
    `{ email: a@b, password_hash: "${HASH.replace('19456', '1048577')}" }`,
    'c.yaml:2:34 users[0].password_hash: is no argon2id hash; smtp-router user hash prints one',
  ],
  [
    'a sender that is no address',
    '{ email: a@b, password: x, allowed_senders: ["*@b", b.example] }',
    'c.yaml:2:57 users[0].allowed_senders[1]: "b.example" is no address; write app@example.com, "*@example.com" or "*"',
  ],
  [
    'no sender at all',
    '{ email: a@b, password: x, allowed_senders: [] }',
    'c.yaml:2:49 users[0].allowed_senders: must name at least one address; leave it out to allow any',
  ],
  [
    'a variable that is not set',
    '{ email: a@b, password_env: EMPTY }',
    'c.yaml:2:33 users[0].password_env: environment variable EMPTY is not set',
  ],
  [
    'a password file that is not there',
    '{ email: a@b, password_file: nope.txt }',
    'c.yaml:2:34 users[0].password_file: nope.txt cannot be read (ENOENT)',
  ],
  [
    'a password file that is empty',
    '{ email: a@b, password_file: empty.txt }',
    'c.yaml:2:34 users[0].password_file: empty.txt must hold one line with the password',
  ],
  ['no email', '{ password: x }', 'c.yaml:2:5 users[0].email: is missing; it needs text'],
  [
    'a downstream that does not exist',
    '{ email: a@b, password: x, downstreams: [onne] }',
    'c.yaml:2:46 users[0].downstreams[0]: no downstream "onne"; did you mean "one"?',
  ],
  [
    'a downstream twice',
    '{ email: a@b, password: x, downstreams: [one, one] }',
    'c.yaml:2:51 users[0].downstreams[1]: downstream "one" stands twice; keep one',
  ],
  [
    'a login without a password',
    '{ email: a@b, password: x, downstreams: [{ addr: "h:25", user: u }] }',
    'c.yaml:2:46 users[0].downstreams[0].pass: is missing; a login needs pass, pass_env or pass_file',
  ],
  [
    'a misspelt key of an inline downstream',
    '{ email: a@b, password: x, downstreams: [{ addr: "h:25", usr: u }] }',
    'c.yaml:2:62 users[0].downstreams[0].usr: unknown key; did you mean "user"?',
  ],
  [
    'a selector that does not exist',
    '{ email: a@b, password: x, selector: round-robbin }',
    'c.yaml:2:42 users[0].selector: no selector "round-robbin"; did you mean "round-robin"? (a path needs a slash: ./round-robbin)',
  ],
  [
    'a misspelt strategy',
    '{ email: a@b, password: x, selector: wieghted }',
    'c.yaml:2:42 users[0].selector: no selector "wieghted"; did you mean "weighted"? (a path needs a slash: ./wieghted)',
  ],
  [
    'a plugin in neither directory',
    '{ email: a@b, password: x, selector_algo_path: ./nope }',
    'c.yaml:2:52 users[0].selector_algo_path: there is no plugin nope and elsewhere/nope; build it or correct the path',
  ],
  [
    'a mode that needs a spool without one',
    '{ email: a@b, password: x, mode: spool }',
    'c.yaml:2:38 users[0].mode: spool needs a spool; set spool, or use sync',
  ],
  [
    'the same user twice',
    '{ email: a@b, password: x }\n  - { email: A@B, password: x }',
    'c.yaml:3:14 users[1].email: user "A@B" stands twice; keep one',
  ],
];

const DOWNSTREAMS: typeof TABLE = [
  [
    'an address to rewrite to that is none',
    '{ a: { addr: "h:1", rewrite_from: "Ann <a@b>", rewrite_mail_from: "j\u00fc@x" } }',
    'c.yaml:2:48 downstreams.a.rewrite_from: "Ann <a@b>" is no address; write keep, login or an address in ASCII',
    'c.yaml:2:80 downstreams.a.rewrite_mail_from: "j\u00fc@x" is no address; write keep, login or an address in ASCII',
  ],
  [
    'rewriting to a login that is no address',
    '{ a: { addr: "h:1", user: AKIA, pass: x, rewrite_from: login }, b: { addr: "h:2", rewrite_mail_from: login } }',
    'c.yaml:2:69 downstreams.a.rewrite_from: cannot be login, user is no mail address; write an address',
    'c.yaml:2:115 downstreams.b.rewrite_mail_from: cannot be login, user is missing; write an address',
  ],
  [
    'nobody under verified_from',
    '{ a: { addr: "h:1", verified_from: [] } }',
    'c.yaml:2:49 downstreams.a.verified_from: must name at least one address; leave it out to allow any',
  ],
];

describe('every problem has its place and its way out', () => {
  for (const [title, text, ...problems] of TABLE) {
    test(title, () => assert.deepEqual(problemsIn(`${GOOD}${text}\n`), problems));
  }
  for (const [title, text, ...problems] of USERS) {
    const file = `users:\n  - ${text}\ndownstreams: { one: { addr: "127.0.0.1:25" } }\n`;
    test(title, () => assert.deepEqual(problemsIn(file), problems));
  }

  for (const [title, text, ...problems] of DOWNSTREAMS) {
    const file = `users: [{ email: a@b, password: x }]\ndownstreams: ${text}\n`;
    test(title, () => assert.deepEqual(problemsIn(file), problems));
  }

  test('mistakes of form and of names come together, in the order of the file', () => {
    const text = `users:
  - { email: a@b, password: 1, selector: nobody, downstreams: [sess] }
  - { email: c@d, password: x, mode: never, downstreams: [ses, broken] }
downstreams:
  ses: { addr: "h:25" }
  broken: { addr: 5 }
log: { levle: info }
`;
    assert.deepEqual(problemsIn(text), [
      'c.yaml:2:29 users[0].password: expected text, found a number; put it in quotes',
      'c.yaml:2:42 users[0].selector: no selector "nobody"; known are in-order, round-robin, random, weighted, least-busy, lowest-latency (a path needs a slash: ./nobody)',
      'c.yaml:2:64 users[0].downstreams[0]: no downstream "sess"; did you mean "ses"?',
      'c.yaml:3:38 users[1].mode: "never" is not possible; known are sync, sync_then_spool, spool',
      'c.yaml:6:19 downstreams.broken.addr: expected text, found a number; put it in quotes',
      'c.yaml:7:8 log.levle: unknown key; did you mean "level"?',
    ]);
  });

  test('an empty file asks for a mapping', () => {
    assert.deepEqual(problemsIn(''), ['c.yaml:1:1 expected a mapping, found nothing']);
  });

  test('bytes that are no UTF-8 are said to be so', () => {
    assert.deepEqual(problemsIn(new Uint8Array([0xff, 0xfe])), [
      'c.yaml:1:1 the file is not UTF-8 text; save it as UTF-8',
    ]);
  });

  test('a file that is not there is named as it was given', () => {
    const result = loadConfig('no/such.yaml');
    assert.deepEqual(result.kind === 'bad' && result.problems.map(formatProblem), [
      'no/such.yaml cannot be read: there is no such file',
    ]);
  });

  test('a mistake around a password never shows the password', () => {
    for (const text of [
      'hunter2xyz: [',
      '*hunter2xyz',
      '!hunter2xyz',
      '"hunter2xyz',
      '"a"hunter2xyz',
      '[hunter2xyz]',
      '{hunter2xyz: 1}',
      '@hunter2xyz',
      '%hunter2xyz',
    ]) {
      const shown = problemsIn(`users:\n  - email: a@b\n    password: ${text}\n`).join('\n');
      assert.notEqual(shown, '');
      // A mapping in place of the password makes its keys keys of the file; all else stays unseen.
      assert.ok(!shown.includes('hunter2xyz'), `${text}: ${shown}`);
    }
    const url = problemsIn(`${GOOD.replace('127.0.0.1:25', 'smtp://u:hunter2xyz@h:25')}`).join('\n');
    assert.ok(url !== '' && !url.includes('hunter2xyz'), url);
  });

  test('aliases that expand without end are refused', () => {
    const bomb = Array.from(
      { length: 12 },
      (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(i === 0 ? 0 : 9)}x]`,
    );
    const [first = ''] = problemsIn(bomb.join('\n'));
    assert.match(first, /^c\.yaml:1:1 this is not readable as YAML/);
  });
});

const FUZZ_RUNS = Number(process.env['FUZZ_RUNS'] ?? 100);

describe('any input is a configuration or a list of problems', () => {
  const holds = (text: string | Uint8Array): void => {
    const result = parse(text);
    if (result.kind === 'ok') return;
    assert.ok(result.problems.length > 0);
    for (const problem of result.problems) {
      assert.ok(problem.code in ROUTER_ERRORS);
      assert.match(formatProblem(problem), /^.*c\.yaml:[1-9]\d*:[1-9]\d* [^\n]+$/);
    }
  };

  test('for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), holds), { numRuns: FUZZ_RUNS });
  });

  test('for any text of the characters YAML cares about', () => {
    const unit = fc.constantFrom(
      ...'abc:-?[]{},#&*!|>\'"%@` \n\t~0.1/\\',
      'users',
      'email: ',
      '\n  - ',
      '__proto__: ',
    );
    fc.assert(fc.property(fc.string({ unit, maxLength: 80 }), holds), { numRuns: FUZZ_RUNS });
  });

  test('for any values under the keys of the schema', () => {
    const key = fc.constantFrom(
      'users',
      'email',
      'password',
      'downstreams',
      'addr',
      'selectors',
      'plugin',
      'listen',
      'address',
      'spool',
      'admin',
      'log',
      'labels',
      '__proto__',
      'constructor',
      'x y',
    );
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('off', 'h:25', '5m', './script.mjs', 'in-order'),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree), (value) => holds(JSON.stringify(value))),
      { numRuns: FUZZ_RUNS },
    );
  });

  test('for any single change of a good file', () => {
    const place = fc.nat(SMTPMUX.length);
    fc.assert(
      fc.property(place, fc.string({ maxLength: 3 }), fc.nat(10), (at, inserted, removed) => {
        holds(SMTPMUX.slice(0, at) + inserted + SMTPMUX.slice(at + removed));
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});
