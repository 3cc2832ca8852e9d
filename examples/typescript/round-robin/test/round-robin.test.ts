import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchPlugin } from '@smtp-router/go-plugin/host';
import { openSelectorPlugin, SELECTOR_HANDSHAKE, SELECTOR_VERSIONS } from '@smtp-router/selector/host';
import { requestWith, viewWith } from '@smtp-router/selector/testing';

it('Forty messages are spread evenly over four downstreams, in turn, whatever is asked in between', async () => {
  const name = 'round-robin';
  const plugin = await launchPlugin({
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL('../round-robin.ts', import.meta.url))],
    handshake: SELECTOR_HANDSHAKE,
    versions: SELECTOR_VERSIONS,
    startTimeoutMs: 30_000,
  });
  try {
    const selector = await openSelectorPlugin(plugin, { name, tail: 'none', dispenseTimeoutMs: 10_000 });
    const ids = ['a:25', 'b:25', 'c:25', 'd:25'];
    const request = requestWith({ downstreams: ids.map((id) => viewWith({ id })) });
    for (let message = 0; message < 40; message += 1) {
      const first = message % ids.length;
      const order = [...ids.slice(first), ...ids.slice(0, first)];
      // Asking without sending takes nobody's turn.
      for (const dryRun of [true, false]) {
        const reply = await selector.select({ ...request, dryRun }, { timeoutMs: 10_000 });
        assert.equal(reply.kind, 'route');
        assert.deepEqual(reply.routes[0]?.candidateIds, order);
      }
    }
  } finally {
    await plugin.kill();
  }
});
