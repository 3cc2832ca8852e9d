import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configText } from './support/config.ts';
import { goProgram } from './support/go-programs.ts';
import { RouterProcess } from './support/router-process.ts';
import { freePort, scratchFolder, waitFor } from './support/scratch.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 120_000 };

describe('a router that is killed', () => {
  it('leaves no plugin behind 5 s after its next start', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const plugin = await goProgram('interop', './cmd/fault-plugin');
    const folder = await scratchFolder(t);
    const config = configText({ sinks: [await freePort()], selector: 'mine', plugin: { command: [plugin] } });
    const first = await RouterProcess.start(t, { folder, config });
    const { pid = 0 } = await first.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
    t.after(() => killIfAlive(pid));
    assert.ok(isAlive(pid));

    await first.kill();
    assert.ok(isAlive(pid), 'a Go plugin does not notice that its host is gone');
    const second = await RouterProcess.start(t, { folder, config });
    await waitFor('end of the old plugin', 5000, async () => (isAlive(pid) ? undefined : true));

    const replacement = await second.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
    assert.notEqual(replacement.pid, pid);
    assert.equal(await second.stop(), 0);
    assert.ok(!isAlive(replacement.pid ?? 0), 'an orderly end takes the plugin along');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function killIfAlive(pid: number): void {
  if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
}
