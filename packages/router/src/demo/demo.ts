/**
 * `smtp-router demo`: everything of a real installation on one machine and in one process, but for the
 * plugin, which is a process of its own as always: two downstreams, a router that runs by a
 * configuration file, and an application that sends mail to its SMTP port.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatProblem } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import type { RouterConfig } from '../config/router-config.ts';
import { RouterError } from '../errors.ts';
import { type RouterHandle, startRouter } from '../router.ts';
import { sendDemoMail } from './demo-client.ts';
import { demoPluginPath } from './demo-plugin.ts';
import { DemoReport } from './demo-report.ts';
import { DemoSink } from './demo-sink.ts';
import { firstFreePort } from './free-port.ts';
import { composeSampleMail, SAMPLE_SUBJECTS } from './sample-mail.ts';

export interface DemoOptions {
  /** Gets the lines of the story. */
  readonly print: (line: string) => void;
  /** First ports to try; the defaults of a configuration. */
  readonly smtpPort?: number;
  readonly adminPort?: number;
}

/** A demo that runs on; whoever started it drains it. */
export interface RunningDemo {
  /** Ends router, plugin and downstreams and removes the directory. Idempotent. */
  drain(): Promise<void>;
  /** Settles when everything is gone. */
  readonly closed: Promise<void>;
}

const USER = 'demo@example.com';
const PASSWORD = 'demo-password';
const RECIPIENT = 'you@example.org';
const DEFAULT_SMTP_PORT = 2525;
const DEFAULT_ADMIN_PORT = 9025;

/** Sends the sample mails and tells of each; rejects when one did not arrive. */
export async function runDemo(options: DemoOptions): Promise<RunningDemo> {
  const directory = mkdtempSync(join(tmpdir(), 'smtp-router-demo-'));
  const sinks = [await DemoSink.open('one'), await DemoSink.open('two')];
  const clean = async (): Promise<void> => {
    await Promise.all(sinks.map((sink) => sink.close()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const router = await startDemoRouter(directory, sinks, options);
    const demo = handleOf(router, clean);
    await tellOrDrain(demo, () => tellStory(router, directory, options.print));
    return demo;
  } catch (error) {
    await clean();
    throw error;
  }
}

async function startDemoRouter(
  directory: string,
  sinks: readonly DemoSink[],
  options: DemoOptions,
): Promise<RouterHandle> {
  const smtpPort = await choosePort('port', options.smtpPort ?? DEFAULT_SMTP_PORT, options);
  const adminPort = await choosePort('admin port', options.adminPort ?? DEFAULT_ADMIN_PORT, options);
  const config = writeConfig(directory, { sinks, smtpPort, adminPort });
  const report = new DemoReport({ config, print: options.print });
  return startRouter(config, { sinks: [report] });
}

async function choosePort(word: string, wanted: number, { print }: DemoOptions): Promise<number> {
  const port = await firstFreePort(wanted);
  if (port !== wanted) print(`${word} ${wanted} is busy, taking ${port === 0 ? 'any free one' : port}`);
  return port;
}

interface DemoPlaces {
  readonly sinks: readonly DemoSink[];
  readonly smtpPort: number;
  readonly adminPort: number;
}

/** The demo runs by a file like any other router, so that other commands find it by -c. */
function writeConfig(directory: string, { sinks, smtpPort, adminPort }: DemoPlaces): RouterConfig {
  const file = join(directory, 'config.yaml');
  const lines = [
    `listen: [{ address: "127.0.0.1:${smtpPort}" }]`,
    `admin: { address: "127.0.0.1:${adminPort}" }`,
    'log: { level: warn }',
    'users:',
    `  - { email: ${USER}, password: ${PASSWORD}, selector: round-robin-plugin }`,
    'selectors:',
    `  round-robin-plugin: { plugin: ${JSON.stringify(demoPluginPath())} }`,
    'downstreams:',
    ...sinks.map((sink) => `  ${sink.name}: { addr: "${sink.addr}" }`),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const result = loadConfig(file);
  if (result.kind === 'ok') return result.config;
  throw new RouterError('ROUTER_INTERNAL', result.problems.map(formatProblem).join('; '));
}

function handleOf(router: RouterHandle, clean: () => Promise<void>): RunningDemo {
  const closed = router.closed.then(clean);
  return {
    closed,
    async drain() {
      await router.drain();
      await closed;
    },
  };
}

async function tellOrDrain(demo: RunningDemo, tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    await demo.drain();
    throw error;
  }
}

async function tellStory(
  router: RouterHandle,
  directory: string,
  print: (line: string) => void,
): Promise<void> {
  const [address = ''] = router.addresses.listeners;
  const port = Number(address.split(':').at(-1));
  const sample = join(directory, 'sample.eml');
  print(`plugin:      ${demoPluginPath()}`);
  print(
    `downstreams: ${router
      .status()
      .downstreams.map(({ name, addr }) => `${name} (${addr})`)
      .join(', ')}`,
  );
  print('');
  for (const subject of SAMPLE_SUBJECTS) {
    const content = composeSampleMail({ from: USER, to: RECIPIENT, subject, at: new Date() });
    writeFileSync(sample, content);
    const mail = { port, user: USER, password: PASSWORD, from: USER, to: RECIPIENT, content };
    const reply = await sendDemoMail(mail);
    if (reply.code !== 250) {
      throw new RouterError(
        'ROUTER_INTERNAL',
        `The sample mail "${subject}" was refused: ${reply.code} ${reply.lines.join(' ')}`,
      );
    }
  }
  for (const line of instructions(router, directory, port)) print(line);
}

function instructions(router: RouterHandle, directory: string, port: number): readonly string[] {
  const file = join(directory, 'config.yaml');
  const health = router.addresses.admin;
  return [
    '',
    `The router listens on 127.0.0.1:${port}; login ${USER}, password ${PASSWORD}.`,
    ...(health === undefined
      ? []
      : [`Health checks and metrics: http://${health}/readyz, http://${health}/metrics`]),
    'Send more mail:',
    `  npx smtp-router send -c ${file} --user ${USER} --to ${RECIPIENT}`,
    `  curl smtp://127.0.0.1:${port} --user ${USER}:${PASSWORD} --mail-from ${USER} --mail-rcpt ${RECIPIENT} --upload-file ${join(directory, 'sample.eml')}`,
    `  swaks --server 127.0.0.1:${port} --auth PLAIN --auth-user ${USER} --auth-password ${PASSWORD} --to ${RECIPIENT}`,
  ];
}
