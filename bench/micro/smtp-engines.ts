/**
 * `npm run bench:smtp -- [--messages 50000]`
 *
 * What one ordinary message costs in the SMTP engines, both sides of the router, no sockets: user
 * instructions (with `perf`) and nanoseconds a message, by part of the way. Instructions hardly depend
 * on what else the machine does; trust them first.
 */
import { parseArgs } from 'node:util';
import { missingTool } from '../harness/tools.ts';
import { type Cost, costOf } from './cost.ts';
import { type EngineWork, LINE_OCTETS, runEngines } from './smtp-messages.ts';

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '50000' },
    /** Set by the program itself in its children: what to run, and octets of the lines of content. */
    child: { type: 'string' },
    line: { type: 'string', default: '76' },
  },
});

const messages = Number(options.messages);
if (options.child === undefined) for (const octets of LINE_OCTETS) await report(octets);
else runEngines(options.child, Number(options.line), messages);

/** A part that cannot run alone is told by the difference of two runs. */
async function report(octets: number): Promise<void> {
  const missing = missingTool('perf');
  if (missing !== undefined) console.error(`${missing}: instructions are not counted.`);
  console.log(`| lines of ${octets} octets | instructions/message | ns/message |\n|---|---:|---:|`);
  const [server, commands] = [await run('server', octets), await run('server-commands', octets)];
  const [client, envelope] = [await run('client', octets), await run('client-envelope', octets)];
  const replies = await run('client-replies', octets);
  print('server: commands', commands);
  print('server: content in', minus(server, commands));
  print('client: envelope out', minus(envelope, replies));
  print('client: replies in', replies);
  print('client: content out', minus(client, envelope));
  print('both sides', minus(server, minus({ nanoseconds: 0, instructions: 0 }, client)));
}

function run(work: EngineWork, octets: number): Promise<Cost> {
  return costOf(import.meta.filename, ['--child', work, '--line', String(octets)], messages);
}

function minus(whole: Cost, part: Cost): Cost {
  const nanoseconds = whole.nanoseconds - part.nanoseconds;
  if (whole.instructions === undefined || part.instructions === undefined) return { nanoseconds };
  return { instructions: whole.instructions - part.instructions, nanoseconds };
}

function print(part: string, cost: Cost): void {
  console.log(`| ${part} | ${cost.instructions?.toFixed(0) ?? '?'} | ${cost.nanoseconds.toFixed(0)} |`);
}
