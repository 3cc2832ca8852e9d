import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GO_PLUGIN_ERRORS } from '@smtp-router/go-plugin/errors';
import { pluginLines } from '../../src/cli/plugin-lines.ts';

const counts = { starts: 1, callsInFlight: 0, missedDeadlines: 0 };

test('a plugin that runs is one line with its process and checksum', () => {
  const lines = pluginLines({
    name: 'mine',
    state: 'ready',
    ...counts,
    pid: 7,
    since: 0,
    version: 1,
    protocol: 'netrpc',
    isMutualTls: true,
    sha256: '0123456789abcdef',
    swaps: { swapped: 2, failed: 0 },
  });
  assert.deepEqual(lines, [
    'plugin mine: ready, process 7, since 1970-01-01T00:00:00.000Z, contract 1 over netrpc, mutual TLS, sha256 0123456789ab, 1 starts, 2 swaps, 0 missed deadlines',
  ]);
});

test('failures and a replacement under way follow, with what to do', () => {
  const { remedy } = GO_PLUGIN_ERRORS.PLUGIN_CLOSED;
  const fault = { at: 0, code: 'PLUGIN_CLOSED', message: 'It ended.' };
  const what = `at 1970-01-01T00:00:00.000Z: It ended; ${remedy.charAt(0).toLowerCase()}${remedy.slice(1)} [PLUGIN_CLOSED]`;
  const swaps = { phase: 'trying', swapped: 0, failed: 1, lastFailure: fault };
  assert.deepEqual(pluginLines({ name: 'mine', state: 'failed', ...counts, lastFailure: fault, swaps }), [
    'plugin mine: failed, 1 starts, 0 swaps, 0 missed deadlines',
    `  last failure ${what}`,
    '  being replaced: trying',
    `  not replaced ${what}`,
  ]);
});

test('what an earlier release does not tell is left out', () => {
  assert.deepEqual(pluginLines({ name: 'mine', state: 'starting', ...counts }), [
    'plugin mine: starting, 1 starts, 0 missed deadlines',
  ]);
});
