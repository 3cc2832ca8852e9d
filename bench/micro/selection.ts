/**
 * `npm run bench:selection-instructions -- [--calls 100000] [--plugin round_robin] [--tls]`
 *
 * What one selection costs the router's process when a real Go plugin makes it, of a list of two
 * downstreams: a folder of plugins/, round_robin (version 1 of the contract) unless given, cheapest_healthy
 * for version 2. User instructions (with `perf`) and nanoseconds of user and system CPU time a
 * call, with one call at a time and with twenty. Instructions hardly depend on what else the machine
 * does; trust them first.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type DownstreamView,
  requestWith,
  type SelectRequest,
  viewWith,
} from '@smtp-router/selector/contract';
import {
  createPluginSelection,
  type PluginSelection,
} from '../../packages/router/src/selection/plugin-selection.ts';
import { missingTool } from '../harness/tools.ts';
import { PLUGIN } from '../peers/router.ts';
import { InstructionCounter } from './instruction-counter.ts';

const WARM_UP_CALLS = 30_000;

const SINKS = ['sink0', 'sink1'].map((id, index) =>
  viewWith({ id, addr: `127.0.0.1:${2525 + index}`, state: 'up' }),
);
const TEMPLATE = requestWith({
  timeoutMs: 30_000,
  envelope: { recipients: [{ id: 0, address: 'a@load.test', domain: 'load.test' }] },
});

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    plugin: { type: 'string', default: 'round_robin' },
    tls: { type: 'boolean', default: false },
  },
});
const program = options.plugin === 'round_robin' ? PLUGIN : `${PLUGIN}-${options.plugin}`;
const calls = Number(options.calls);

const missing = missingTool('go');
if (missing === undefined) buildPlugin();
else console.error(`${missing}: the plugin is used as it is.`);
const selection = createPluginSelection({
  name: 'bench',
  command: [program],
  env: {},
  startTimeoutMs: 10_000,
  timeoutMs: 2000,
  maxInFlight: 1024,
  autoMtls: options.tls ? 'require' : 'off',
  onFailure: 'in-order',
  tail: 'rest',
  events: { emit: () => undefined },
});
await selection.start();
console.log(
  '| in flight | instructions/selection | user ns/selection | system ns/selection |\n|---:|---:|---:|---:|',
);
for (const inFlight of [1, 20]) console.log(await measure(selection, inFlight));
await selection.close();

function buildPlugin(): void {
  const folder = join(import.meta.dirname, '..', '..', 'plugins', options.plugin);
  execFileSync('go', ['build', '-o', program, '.'], { cwd: folder, stdio: 'inherit' });
}

/** A row of the table. */
async function measure(asked: PluginSelection, inFlight: number): Promise<string> {
  await select(asked, WARM_UP_CALLS, inFlight);
  const counter = await InstructionCounter.start();
  const before = process.cpuUsage();
  await select(asked, calls, inFlight);
  const { user, system } = process.cpuUsage(before);
  const instructions = await counter?.stop();
  const figures = [(instructions ?? Number.NaN) / calls, (user * 1000) / calls, (system * 1000) / calls];
  return `| ${inFlight} | ${figures.map((figure) => figure.toFixed(0)).join(' | ')} |`;
}

/** Makes so many calls, each lane one after the other. */
async function select(asked: PluginSelection, count: number, inFlight: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { record } = await asked.select(request());
      if (record.decidedBy !== 'selector') throw new Error(record.reason);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** As the relay makes it: views of their own for every message. */
function request(): SelectRequest {
  const downstreams: DownstreamView[] = [];
  for (const view of SINKS) downstreams.push({ ...view });
  return { ...TEMPLATE, downstreams };
}
