import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GO_PLUGIN_VERSIONS, goProgramWith, ROOT } from './support/go-programs.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };

/** What `selector-host` prints. */
interface HostReport {
  readonly library: string;
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

/** The two answers of version 1 of the contract. */
type Shape = 'address' | 'list';

/** One run of `selector-host`. */
interface HostRun {
  /** Of go-plugin; the newest unless given. */
  readonly version?: (typeof GO_PLUGIN_VERSIONS)[number];
  /** What the host expects. */
  readonly shape: Shape;
  readonly calls: number;
  /** What the plugin answers. */
  readonly plugin: Shape;
  /** Of its version 2. */
  readonly transport?: 'grpc';
  /** Of `selector-host`, besides. */
  readonly flags?: readonly string[];
}

const OFFERED = ['one.example.com:25', 'two.example.com:587', 'three.example.com:2525'] as const;

describe('a host written in Go runs a selector written in TypeScript', () => {
  for (const version of GO_PLUGIN_VERSIONS) {
    for (const shape of ['address', 'list'] as const) {
      it(
        `go-plugin ${version} dispenses it, calls it and ends it in good order, answers of the shape ${shape}`,
        LIMIT,
        async (t) => {
          if (!hasTools(t, ['go'])) return;
          const report = await runHost({ version, shape, calls: 6, plugin: shape });
          assert.equal(report.error, '');
          assert.equal(report.library, version);
          assert.deepEqual([report.protocol, report.version], ['netrpc', 1]);
          assert.deepEqual(report.answers, rotations(shape));
          assert.ok(report.exited);
          assert.ok(report.killMs < 2000, `Kill took ${report.killMs} ms: the process had to be forced`);
          assert.deepEqual(report.hostLog, []);
        },
      );
    }
  }

  it('asks in version 1 a plugin whose version 2 is served over gRPC', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    for (const shape of ['address', 'list'] as const) {
      const report = await runHost({ shape, calls: 6, plugin: shape, transport: 'grpc' });
      assert.deepEqual([report.error, report.protocol, report.version], ['', 'netrpc', 1]);
      assert.deepEqual(report.answers, rotations(shape));
    }
  });

  it('asks it with AutoMTLS, in both shapes', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    for (const shape of ['address', 'list'] as const) {
      const report = await runHost({ shape, calls: 6, plugin: shape, flags: ['-auto-mtls'] });
      assert.deepEqual([report.error, report.protocol, report.version], ['', 'netrpc', 1]);
      assert.deepEqual(report.answers, rotations(shape));
      assert.deepEqual(report.hostLog, []);
    }
  });

  it('sees what the plugin prints, on the channel it was printed to', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const report = await runHost({ shape: 'address', calls: 1, plugin: 'address' });
    assert.match(report.stdout, /^asked 1\n$/);
    assert.match(report.stderr, /^offered 3\n$/);
  });

  it('fails the call, not the plugin, when the answer has the other shape', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const report = await runHost({ shape: 'address', calls: 1, plugin: 'list' });
    assert.match(report.error, /^call 1: /);
    assert.ok(report.exited);
  });
});

/** What six calls answer: every downstream is first twice, and a list holds all of them. */
function rotations(shape: Shape): readonly (readonly string[])[] {
  const [one, two, three] = OFFERED;
  const turns = [
    [one, two, three],
    [two, three, one],
    [three, one, two],
  ];
  return [...turns, ...turns].map((list) => (shape === 'list' ? list : list.slice(0, 1)));
}

async function runHost(run: HostRun): Promise<HostReport> {
  const { version = '1.8.0', shape, calls, plugin, transport, flags = [] } = run;
  const host = await goProgramWith(version, './cmd/selector-host');
  const offered = OFFERED.flatMap((addr) => ['-downstream', `${addr},user,password`]);
  const command = [process.execPath, join(ROOT, `interop/plugins/${plugin}.ts`), transport ?? 'netrpc'];
  const args = ['-shape', shape, '-calls', String(calls), ...flags, ...offered, '--', ...command];
  return new Promise((resolve, reject) => {
    execFile(host, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      // Status 1 is a report too; the assertions look at its `error`.
      if (stdout === '') reject(error ?? new Error(`selector-host printed nothing: ${stderr}`));
      else resolve(JSON.parse(stdout) as HostReport);
    });
  });
}
