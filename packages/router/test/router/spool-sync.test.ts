/** That the disk has a message before its client hears 250, seen from outside: by the system calls of a router (Linux, strace). */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { routerProgram } from '../support/fixture-path.ts';
import { MailClient } from '../support/mail-client.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { configText, LOGIN } from '../support/test-router.ts';

const hasStrace =
  process.platform === 'linux' && spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
const skip = hasStrace ? false : 'strace is not here, or may not be used';

test('content is synced before the 250: a small one by its commit, a large one as a file before that', {
  skip,
}, async () => {
  const directory = new TemporaryDirectory();
  const file = directory.file('config.yaml');
  const trace = directory.file('trace');
  const yaml = 'spool: { min_free: 0B }';
  writeFileSync(
    file,
    configText({ downstreams: ['one: { addr: "127.0.0.1:9" }'], user: 'mode: spool', yaml }),
  );
  const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg';
  const command = [
    '-f',
    '-y',
    '-s',
    '40',
    '-e',
    calls,
    '-o',
    trace,
    process.execPath,
    routerProgram(),
    'serve',
    '-c',
    file,
  ];
  const child = spawn('strace', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (piece: string) => {
        said += piece;
        const found = /listens on ([\d.]+:\d+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on('exit', () => reject(new Error(said)));
    });
    const client = await MailClient.open(address, LOGIN);
    assert.match(await client.send(), /^250 .*spooled/);
    assert.match(
      await client.send({ content: `Subject: x\r\n\r\n${'0123456789\r\n'.repeat(9_000)}` }),
      /^250 .*spooled/,
    );
    client.drop();
    process.kill(
      Number(readFileSync(directory.file('state/router.lock'), 'utf8').match(/"pid":(\d+)/)?.[1]),
      'SIGTERM',
    );
    await ended;
    const [, small = '', large = ''] = readFileSync(trace, 'latin1').split(/"354 /);
    const [beforeSmall = ''] = small.split(/"250 2\.0\.0 Ok/);
    assert.match(beforeSmall, /fsync\(\d+<[^>]*spool\.db-wal>/);
    const [beforeLarge = ''] = large.split(/"250 2\.0\.0 Ok/);
    assert.match(
      beforeLarge,
      /fdatasync\(\d+<[^>]*\.eml>[\s\S]*fsync\(\d+<[^>]*state\/spool>[\s\S]*fsync\(\d+<[^>]*spool\.db-wal>/,
    );
  } finally {
    child.kill('SIGKILL');
    directory.remove();
  }
});
