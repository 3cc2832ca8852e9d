/** Commands that only ask and answer, as processes of their own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.ts';
import { examplePlugin, fixturePath, routerProgram } from '../support/fixture-path.ts';
import { runCommand } from '../support/run-command.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';

const directory = new TemporaryDirectory();
after(() => directory.remove());

const good = directory.file('good.yaml');
writeFileSync(good, 'users: [{ email: a@b, password: x }]\ndownstreams: { one: { addr: "127.0.0.1:25" } }\n');
const bad = directory.file('bad.yaml');
writeFileSync(
  bad,
  'users:\n  - { email: a@b, password: x, selector: ./nope }\nhostnam: x\nadmin: { token_file: x }\n',
);

/** What every failure looks like: no stack, no colour. */
function assertPlain(text: string): void {
  assert.doesNotMatch(text, /^\s+at .*:\d+:\d+/m);
  assert.ok(!text.includes('\u001b'), 'no colour where no terminal is');
}

describe('check', () => {
  test('ends with 0 for a good file and says what is in it', async () => {
    const { code, stdout, stderr } = await runCommand(['check', '-c', good]);
    assert.deepEqual([code, stdout, stderr], [0, `${good} is fine: 1 user, 1 downstream, 0 plugins\n`, '']);
  });

  test('ends with 78 and shows every problem with its place', async () => {
    const { code, stdout, stderr } = await runCommand(['check', '-c', bad]);
    assert.equal(code, 78);
    assert.equal(stdout, '');
    assert.deepEqual(stderr.trimEnd().split('\n'), [
      `${bad}:2:5 users[0].downstreams: is missing; no downstream is defined, add one here or under downstreams`,
      `${bad}:2:42 users[0].selector: there is no plugin ${directory.file('nope')}; build it or correct the path`,
      `${bad}:3:1 hostnam: unknown key; did you mean "hostname"?`,
      `${bad}:4:10 admin.token_file: this key is not supported yet by this release; remove it`,
      `4 problems in ${bad}`,
    ]);
  });

  test('gives problems as JSON', async () => {
    const { code, stdout } = await runCommand(['check', '-c', bad, '--json']);
    assert.equal(code, 78);
    const { problems } = JSON.parse(stdout) as { readonly problems: readonly { readonly code: string }[] };
    assert.deepEqual(
      problems.map((problem) => problem.code),
      ['CONFIG_MISSING_KEY', 'CONFIG_PLUGIN_MISSING', 'CONFIG_UNKNOWN_KEY', 'CONFIG_NOT_SUPPORTED'],
    );
  });

  test('names a file that is not there, from SMTP_ROUTER_CONFIG too', async () => {
    const { code, stderr } = await runCommand(['check'], { env: { SMTP_ROUTER_CONFIG: 'nowhere.yaml' } });
    assert.equal(code, 78);
    assert.match(stderr, /^nowhere\.yaml cannot be read: there is no such file\n/);
  });
});

describe('commands that need a running router', () => {
  for (const command of [
    ['status'],
    ['plugin', 'list'],
    ['plugin', 'reload', 'p'],
    ['send', '--user', 'a@b', '--to', 'c@d'],
    ['explain', '--user', 'a@b', '--to', 'c@d'],
  ]) {
    test(`${command.join(' ')} ends with 75 and one sentence when there is none`, async () => {
      const { code, stdout, stderr } = await runCommand([...command, '-c', good]);
      assert.deepEqual([code, stdout], [75, '']);
      assert.match(stderr, /^error: No router is running here \(.*\); start it .*\[ROUTER_NOT_RUNNING\]\n$/);
      assertPlain(stderr);
    });
  }

  test('send names a mail file that cannot be read', async () => {
    const { code, stderr } = await runCommand([
      'send',
      '-c',
      good,
      '--user',
      'a@b',
      '--to',
      'c@d',
      '--message',
      'no.eml',
    ]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: The mail no\.eml cannot be read \(ENOENT\); pass .*\[ROUTER_BAD_MESSAGE_FILE\]\n$/,
    );
  });
});

describe('plugin check', () => {
  test('shows every step and ends with 0', async () => {
    const { code, stdout, stderr } = await runCommand(['plugin', 'check', examplePlugin()]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^file +ok .*\nstart +ok .*\nhandshake +ok (?:.*\n)+select +ok .*first, second .*\n/,
    );
    assert.match(stdout, /\nend +ok .* ended with status 0\n$/);
    assertPlain(stdout);
  });

  test('ends with 1, names the failed step and shows what the plugin wrote', async () => {
    const command = ['plugin', 'check', '--', process.execPath, '-e', 'console.error("words of mine")'];
    const { code, stdout, stderr } = await runCommand(command);
    assert.equal(code, 1);
    assert.match(stdout, /\nhandshake +failed .*exited with status 0 .*\[PLUGIN_EXITED_EARLY\]\n$/);
    assert.match(stderr, /^ {2}plugin: words of mine\n$/);
  });

  test('gives steps as JSON', async () => {
    const { code, stdout } = await runCommand(['plugin', 'check', './nothing-here', '--json']);
    assert.equal(code, 1);
    const { ok, steps } = JSON.parse(stdout);
    assert.deepEqual([ok, steps[0].step, steps[0].code], [false, 'file', 'CONFIG_PLUGIN_MISSING']);
  });
});

describe('plugin test', () => {
  const cases = directory.file('cases.yaml');
  const plugin = fixturePath('moods.ts');
  const file = (second: string): void =>
    writeFileSync(
      cases,
      `downstreams: [one, two, three, four, five]
cases:
  - { name: whole, to: [a@b.example], expect: { first: one } }
  - { name: refused, to: [a@b.example], expect: { verdict: ${second}, code: 554, text: mood } }
  - { name: kept, to: [a@b.example], expect: { verdict: hold } }
  - { name: failing, to: [a@b.example], expect: { fault: a fault } }
  - { name: turned, to: [a@b.example], expect: { routes: [five, one, two, three, four] } }
`,
    );

  test('puts the cases of a file to one process, in order, and ends with 0', async () => {
    file('reject');
    const { code, stdout } = await runCommand(['plugin', 'test', plugin, '--cases', cases]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^(?:ok .*\n){5}5 cases, all as expected\n$/);
  });

  test('shows what differs and ends with 1', async () => {
    file('defer');
    const { code, stdout } = await runCommand(['plugin', 'test', '--cases', cases, plugin]);
    assert.equal(code, 1);
    assert.match(stdout, /\nfailed .*: refused\n +verdict\n +- defer\n +\+ reject\nok /);
    assert.match(stdout, /\n5 cases, 1 not as expected/);
    const json = await runCommand(['plugin', 'test', '--cases', cases, '--json', plugin]);
    const [, refused] = JSON.parse(json.stdout);
    assert.deepEqual([refused.ok, refused.decision.kind], [false, 'reject']);
  });

  test('ends with 78 for a file that is wrong, and 1 for a plugin that does not come up', async () => {
    file('refuse');
    const wrong = await runCommand(['plugin', 'test', plugin, '--cases', cases]);
    assert.equal(wrong.code, 78);
    assert.match(wrong.stderr, /cases\.yaml:4:\d+ cases\[1\]\.expect\.verdict: "refuse" is not possible/);
    file('reject');
    const down = await runCommand(['plugin', 'test', '--cases', cases, '--', process.execPath, '-e', '0']);
    assert.equal(down.code, 1);
    assert.match(down.stderr, /exited with status 0 before its handshake.*\[PLUGIN_EXITED_EARLY\]/);
  });
});

describe('user hash', () => {
  const hash = (input: string, ...args: readonly string[]) =>
    spawnSync(process.execPath, [routerProgram(), 'user', 'hash', ...args], { input, encoding: 'utf8' });

  test('prints a hash that a configuration takes, and nothing of the password', () => {
    const { status, stdout, stderr } = hash('planted-secret\n');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$\n]+\$[^$\n]+\n$/);
    const file = directory.file('hashed.yaml');
    const user = `{ email: a@b, password_hash: ${JSON.stringify(stdout.trim())} }`;
    writeFileSync(file, `users: [${user}]\ndownstreams: { one: { addr: "127.0.0.1:25" } }\n`);
    assert.equal(loadConfig(file).kind, 'ok');
  });

  test('gives JSON', () => {
    const { stdout } = hash('x', '--json');
    assert.match(JSON.parse(stdout).password_hash, /^\$argon2id\$/);
  });

  test('ends with 1 and one sentence for what is no password', () => {
    const { status, stdout, stderr } = hash('');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^error: The password is empty; .*\[ROUTER_PASSWORD_UNUSABLE\]\n$/);
    assertPlain(stderr);
  });
});

describe('usage', () => {
  for (const command of [
    [],
    ['serve'],
    ['check'],
    ['explain'],
    ['send'],
    ['status'],
    ['plugin'],
    ['plugin', 'new'],
    ['plugin', 'check'],
    ['plugin', 'test'],
    ['plugin', 'list'],
    ['plugin', 'reload'],
    ['user'],
    ['user', 'hash'],
    ['demo'],
  ]) {
    test(`${['smtp-router', ...command].join(' ')} --help has an example`, async () => {
      const { code, stdout } = await runCommand([...command, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: smtp-router/);
      assert.match(stdout, new RegExp(`Examples?:\n +smtp-router ${command.join(' ') || '\\w+'}`));
      assertPlain(stdout);
    });
  }

  const mistakes: readonly (readonly [title: string, args: readonly string[], message: RegExp])[] = [
    ['no command', [], /^Usage: smtp-router/],
    ['an unknown command', ['chek'], /unknown command 'chek'[\s\S]*check/],
    ['an unknown option', ['check', '--confg', 'x'], /unknown option '--confg'[\s\S]*--config/],
    ['a missing option', ['send', '--to', 'c@d'], /required option '--user <email>' not specified/],
    [
      'a bad address',
      ['serve', '-c', good, '--listen', '2525'],
      /"2525" names no host; write 127\.0\.0\.1:2525/,
    ],
  ];
  for (const [title, args, message] of mistakes) {
    test(`${title} ends with 2 and says what to do`, async () => {
      const { code, stderr } = await runCommand(args);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assertPlain(stderr);
    });
  }

  test('the version is that of the package', async () => {
    const { code, stdout } = await runCommand(['--version']);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+/);
  });
});

describe('surroundings', () => {
  const asNode = (version: string) => {
    const code = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
    return { nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(code)}`] };
  };

  for (const version of ['18.20.4', '20.19.0', '22.18.0', '23.5.0']) {
    test(`Node ${version} is refused in one plain sentence`, async () => {
      const { code, stdout, stderr } = await runCommand(['check', '-c', good], asNode(version));
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(
        stderr,
        `smtp-router needs Node 22.19 or newer, and this is Node ${version}: install a newer one from https://nodejs.org.\n`,
      );
    });
  }

  for (const version of ['22.19.0', '23.6.0', '26.0.0']) {
    test(`Node ${version} is welcome`, async () => {
      assert.equal((await runCommand(['check', '-c', good], asNode(version))).code, 0);
    });
  }

  test('a reader that goes away early is no error', async () => {
    const child = spawn(process.execPath, [routerProgram(), 'check', '-c', bad], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    child.stderr.destroy();
    assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 78);
  });
});
