import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { goProgram, ROOT } from './support/go-programs.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };

/** What `selector-host` prints. */
interface HostReport {
  readonly protocol: string;
  readonly version: number;
  readonly answers: readonly (readonly string[])[];
  readonly killMs: number;
  readonly exited: boolean;
  readonly hostLog: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly error: string;
}

const OFFERED = ['one.example.com:25', 'two.example.com:587', 'three.example.com:2525'];

describe('a host written in Go runs a selector written in TypeScript', () => {
  for (const shape of ['address', 'list'] as const) {
    it(
      `dispenses it, calls it and ends it in good order, answers of the shape ${shape}`,
      LIMIT,
      async (t) => {
        if (!hasTools(t, ['go'])) return;
        const report = await runHost(shape, 6, [process.execPath, pluginFile(shape)]);
        assert.equal(report.error, '');
        assert.deepEqual([report.protocol, report.version], ['netrpc', 1]);
        const [one, two, three] = OFFERED as [string, string, string];
        const rotation = [
          [one, two, three],
          [two, three, one],
          [three, one, two],
        ];
        const expected = [...rotation, ...rotation].map((list) =>
          shape === 'list' ? list : list.slice(0, 1),
        );
        assert.deepEqual(report.answers, expected);
        assert.ok(report.exited);
        assert.ok(report.killMs < 2000, `Kill took ${report.killMs} ms: the process had to be forced`);
        assert.deepEqual(report.hostLog, []);
      },
    );
  }

  it('sees what the plugin prints, on the channel it was printed to', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const report = await runHost('address', 1, [process.execPath, pluginFile('address')]);
    assert.match(report.stdout, /^asked 1\n$/);
    assert.match(report.stderr, /^offered 3\n$/);
  });

  it('fails the call, not the plugin, when the answer has the other shape', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const report = await runHost('address', 1, [process.execPath, pluginFile('list')]);
    assert.match(report.error, /^call 1: /);
    assert.ok(report.exited);
  });
});

function pluginFile(shape: 'address' | 'list'): string {
  return join(ROOT, `interop/plugins/${shape}.ts`);
}

async function runHost(shape: string, calls: number, command: readonly string[]): Promise<HostReport> {
  const host = await goProgram('interop', './cmd/selector-host');
  const offered = OFFERED.flatMap((addr) => ['-downstream', `${addr},user,password`]);
  const args = ['-shape', shape, '-calls', String(calls), ...offered, '--', ...command];
  return new Promise((resolve, reject) => {
    execFile(host, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      // Status 1 is a report too; the assertions look at its `error`.
      if (stdout === '') reject(error ?? new Error(`selector-host printed nothing: ${stderr}`));
      else resolve(JSON.parse(stdout) as HostReport);
    });
  });
}
