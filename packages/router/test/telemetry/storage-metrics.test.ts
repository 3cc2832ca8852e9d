import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../src/telemetry/metrics.ts';

test('memory and temporary files of messages are read when the metrics are', async () => {
  const budget = { usedBytes: 0, limitBytes: 1_000, waiting: 0 };
  const files = { storedBytes: 0, open: 0, created: 0 };
  const metrics = createMetrics({ version: '1', isProcessMeasured: false, storage: { budget, files } });
  metrics.sink.emit({ kind: 'storage-fault', code: 'ROUTER_MESSAGE_FILE_FAILED', message: 'ENOSPC' });
  Object.assign(budget, { usedBytes: 900, waiting: 2 });
  Object.assign(files, { storedBytes: 5_000, open: 3, created: 7 });
  await metrics.exposition();
  const lines = (await metrics.exposition()).split('\n');
  for (const expected of [
    'smtp_router_message_memory_bytes 900',
    'smtp_router_message_memory_limit_bytes 1000',
    'smtp_router_message_memory_waiting 2',
    'smtp_router_message_file_bytes 5000',
    'smtp_router_message_files 3',
    'smtp_router_message_files_total 7',
    'smtp_router_storage_faults_total 1',
  ]) {
    assert.ok(lines.includes(expected), expected);
  }
});
