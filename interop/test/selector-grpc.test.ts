import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { GO_PLUGIN_VERSIONS, goProgram, ROOT } from './support/go-programs.ts';
import { output } from './support/output.ts';
import { pythonPackages, requirementsOf } from './support/python-packages.ts';
import { runHostV2 } from './support/selector-host.ts';
import { hasTools, lacksNothing, tool } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const PYTHON_EXAMPLE = join(ROOT, 'examples/python/round_robin');

describe('plugins of version 2 over gRPC under a host written in Go', () => {
  for (const version of GO_PLUGIN_VERSIONS) {
    it(`a Go plugin is asked by go-plugin ${version}`, LIMIT, async (t) => {
      if (!hasTools(t, ['go'])) return;
      const command = [await goProgram('plugins', './elsewhere_after_two_failures')];
      const report = await runHostV2({ version, question: [], command });
      assert.equal(report.error, '');
      assert.deepEqual([report.library, report.protocol, report.version], [version, 'grpc', 2]);
      const reply = routed(['one', 'two'], 'elsewhere after two failures');
      assert.deepEqual(report.v2.replies, [reply, reply]);
    });

    it(`the Python example is asked by go-plugin ${version}, and ends in good order`, LIMIT, async (t) => {
      if (!hasTools(t, ['go', 'python3'])) return;
      const env = await pythonEnvironment(t);
      if (env === undefined) return;
      const command = [tool('python3'), join(PYTHON_EXAMPLE, 'plugin.py')];
      const report = await runHostV2({ version, question: [], command, env });
      assert.equal(report.error, '');
      assert.deepEqual([report.library, report.protocol, report.version], [version, 'grpc', 2]);
      assert.deepEqual(report.v2.description, {
        contractVersion: 2,
        name: 'round robin',
        version: '',
        headers: null,
      });
      assert.deepEqual(report.v2.replies, [
        routed(['one', 'two'], 'in turn'),
        routed(['two', 'one'], 'in turn'),
      ]);
      assert.ok(report.exited);
      assert.deepEqual([report.hostLog, report.stderr], [[], '']);
    });
  }
});

it('the Python example passes its own test, and says what it is when run by hand', LIMIT, async (t) => {
  if (!hasTools(t, ['python3'])) return;
  const env = await pythonEnvironment(t);
  if (env === undefined) return;
  const script =
    'import sys, unittest, test_plugin; r = unittest.main(test_plugin, exit=False).result; print(r.wasSuccessful(), r.testsRun)';
  const run = { ...env, PYTHONPATH: `${env['PYTHONPATH']}:${PYTHON_EXAMPLE}` };
  assert.equal(await output(tool('python3'), ['-c', script], run), 'True 1\n');
  await assert.rejects(
    output(tool('python3'), [join(PYTHON_EXAMPLE, 'plugin.py')], env),
    /is not run by itself/,
  );
});

/** A reply of one route for all, as `selector-host` prints it. */
function routed(candidates: readonly string[], reason: string): unknown {
  return { routes: [{ recipients: null, candidates }], verdict: 0, code: 0, text: '', reason };
}

/** With the packages of the example; undefined when the test is skipped. */
async function pythonEnvironment(t: TestContext): Promise<Readonly<Record<string, string>> | undefined> {
  const requirements = await requirementsOf('python-example', join(PYTHON_EXAMPLE, 'requirements.txt'));
  const packages = await pythonPackages(requirements);
  if (!lacksNothing(t, packages.kind === 'missing' ? [packages.why] : [])) return undefined;
  const folder = packages.kind === 'installed' ? packages.folder : '';
  return { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
}
