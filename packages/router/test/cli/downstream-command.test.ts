import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { tlsFixture } from '../support/downstream-options.ts';
import { type CommandOutcome, runCommand } from '../support/run-command.ts';
import { type Script, ScriptedDownstream } from '../support/scripted-downstream.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';

/** Runs the command against a downstream named ses. */
async function testDownstream(
  script: Script,
  args: readonly string[],
  certificate = 'good',
): Promise<CommandOutcome & { readonly commands: readonly string[] }> {
  const server = await ScriptedDownstream.start(script, { certificate });
  const directory = new TemporaryDirectory();
  const file = directory.file('config.yaml');
  writeFileSync(
    file,
    [
      'users: [{ email: app@example.com, password: client-secret }]',
      'downstreams:',
      `  ses: { addr: "localhost:${server.port}", user: login, pass: planted-secret, tls: starttls,`,
      `    ca_file: ${JSON.stringify(tlsFixture('ca.pem'))} }`,
    ].join('\n'),
  );
  try {
    const outcome = await runCommand(['downstream', 'test', ...args, '-c', file]);
    assert.doesNotMatch(outcome.stdout + outcome.stderr, /planted-secret|cGxhbnRlZC1zZWNyZXQ/);
    return { ...outcome, commands: server.commands };
  } finally {
    await server.stop();
    directory.remove();
  }
}

test('downstream test prints a line for each step and ends with 0', async () => {
  const { code, stdout, stderr, commands } = await testDownstream({}, ['ses']);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 10);
  for (const line of lines) assert.match(line, /^[a-z]+ +ok +\d+ ms {2}\S/);
  assert.ok(commands.includes('MAIL FROM:<app@example.com>'));
});

test('downstream test says what failed, what to do about it, and ends with 1', async () => {
  const { code, stdout } = await testDownstream({}, ['ses'], 'expired');
  assert.equal(code, 1);
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  assert.match(last, /^tls +failed +\d+ ms {2}has a certificate that has expired: TLSv1\.3; .*; \w/);
});

test('downstream test takes a sender, and tells everything as JSON', async () => {
  const args = ['ses', '--from', 'other@example.com', '--json'];
  const { code, stdout, commands } = await testDownstream({ MAIL: '550 5.7.1 not verified' }, args);
  assert.equal(code, 1);
  assert.ok(commands.includes('MAIL FROM:<other@example.com>'));
  const result = JSON.parse(stdout);
  assert.equal(result.downstream, 'ses');
  assert.equal(result.ok, false);
  const { duration_ms, ...last } = result.steps.at(-1);
  assert.equal(typeof duration_ms, 'number');
  assert.deepEqual(last, {
    step: 'mail',
    ok: false,
    detail: '550 5.7.1 not verified',
    remedy: 'Verify this sender at the provider, or name another one by --from.',
  });
});

test('downstream test of an unknown name suggests the known one and ends with 78', async () => {
  const { code, stderr, commands } = await testDownstream({}, ['sess']);
  assert.equal(code, 78);
  assert.match(stderr, /no downstream "sess"; did you mean "ses"\?/);
  assert.deepEqual(commands, []);
});
