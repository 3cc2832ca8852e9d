/**
 * `npm run bench:telemetry -- [--messages 100000]`
 *
 * What the events of one delivered message cost, by sink: user instructions (with `perf`) and
 * nanoseconds a message. Instructions hardly depend on what else the machine does; trust them first.
 */
import { parseArgs } from 'node:util';
import { missingTool } from '../harness/tools.ts';
import { costOf } from './cost.ts';
import { runMessages, SINKS } from './telemetry-sinks.ts';

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    /** Set by the program itself in its children: the sinks to feed. */
    child: { type: 'string' },
  },
});

const messages = Number(options.messages);
if (options.child === undefined) await compare();
else await runMessages(options.child, messages);

async function compare(): Promise<void> {
  const missing = missingTool('perf');
  if (missing !== undefined) console.error(`${missing}: instructions are not counted.`);
  console.log('| sinks | instructions/message | ns/message |\n|---|---:|---:|');
  for (const sinks of Object.keys(SINKS)) {
    const cost = await costOf(import.meta.filename, ['--child', sinks], messages);
    console.log(`| ${sinks} | ${cost.instructions?.toFixed(0) ?? '?'} | ${cost.nanoseconds.toFixed(0)} |`);
  }
}
