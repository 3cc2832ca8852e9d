/** A whole router in this process, with its plugins as real processes and its log in memory. */
import { writeFileSync } from 'node:fs';
import { formatProblem } from '../../src/config/config-problem.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { type RouterHandle, startRouter } from '../../src/router.ts';
import { secretsOf } from '../../src/router-options.ts';
import { createLogSink } from '../../src/telemetry/log-sink.ts';
import { MailClient } from './mail-client.ts';
import type { MailSink } from './mail-sink.ts';
import { TemporaryDirectory } from './temporary-directory.ts';

export const LOGIN = { user: 'app@example.com', password: 'client-secret-1' };

/** A downstream behind the router. */
export type TestSink = Pick<MailSink, 'addr' | 'replies'>;

export interface TestRouterOptions {
  /** Named one, two, three … */
  readonly sinks?: readonly TestSink[];
  /** Further downstreams, as lines of YAML below `downstreams`. */
  readonly downstreams?: readonly string[];
  /** Path of a plugin, or the name of a strategy or selector. */
  readonly selector?: string;
  /** Further keys of the listener and of the user, such as `auth: off`. */
  readonly listen?: string;
  readonly user?: string;
  /** In place of the password in clear. */
  readonly passwordHash?: string;
  readonly passwordFile?: string;
  /** Further lines of the file. */
  readonly yaml?: string;
}

const NAMES = ['one', 'two', 'three'];

export class TestRouter {
  readonly handle: RouterHandle;
  readonly directory: TemporaryDirectory;
  readonly logLines: readonly string[];

  readonly #recorder: EventRecorder;

  private constructor(parts: Pick<TestRouter, 'handle' | 'directory' | 'logLines'>, recorder: EventRecorder) {
    this.handle = parts.handle;
    this.directory = parts.directory;
    this.logLines = parts.logLines;
    this.#recorder = recorder;
  }

  /** Everything reported so far. */
  get events(): readonly RouterEvent[] {
    return this.#recorder.events;
  }

  static async start(options: TestRouterOptions): Promise<TestRouter> {
    const directory = new TemporaryDirectory();
    const file = directory.file('config.yaml');
    writeFileSync(file, configText(options));
    const result = loadConfig(file);
    if (result.kind === 'bad') throw new Error(result.problems.map(formatProblem).join('\n'));
    const recorder = new EventRecorder();
    const logLines: string[] = [];
    const destination = {
      write: (line: string) => logLines.push(line),
      flush() {},
      drained: () => Promise.resolve(),
    };
    const secrets = secretsOf(result.config);
    const log = createLogSink({
      level: 'trace',
      format: 'json',
      addresses: 'full',
      secrets: () => secrets,
      destination,
    });
    const handle = await startRouter(result.config, {
      log,
      sinks: [recorder],
    });
    return new TestRouter({ handle, directory, logLines }, recorder);
  }

  get address(): string {
    return this.handle.addresses.listeners[0] ?? '';
  }

  client(): Promise<MailClient> {
    return MailClient.open(this.address, LOGIN);
  }

  /** Settles with the first event, past or future, that the test looks for. */
  until(isFound: (event: RouterEvent) => boolean): Promise<RouterEvent> {
    return this.#recorder.until(isFound);
  }

  async stop(): Promise<void> {
    await this.handle.drain();
    this.directory.remove();
  }
}

export function configText(options: TestRouterOptions): string {
  const { sinks = [], downstreams = [], selector = 'in-order', listen = '', user = '', yaml = '' } = options;
  return [
    `listen: [{ address: "127.0.0.1:0", ${listen} }]`,
    'admin: { address: "127.0.0.1:0" }',
    'shutdown_grace: 5s',
    `users: [{ email: ${LOGIN.user}, ${secretOf(options)}, selector: ${JSON.stringify(selector)}, ${user} }]`,
    'downstreams:',
    ...sinks.map((sink, index) => `  ${NAMES[index] ?? index}: { addr: "${sink.addr}"${loginOf(sink)} }`),
    ...downstreams.map((line) => `  ${line}`),
    yaml,
  ].join('\n');
}

function secretOf({ passwordHash, passwordFile }: TestRouterOptions): string {
  if (passwordHash !== undefined) return `password_hash: "${passwordHash}"`;
  if (passwordFile !== undefined) return `password_file: ${JSON.stringify(passwordFile)}`;
  return `password: ${LOGIN.password}`;
}

function loginOf({ replies: { login } }: TestSink): string {
  return login === undefined ? '' : `, user: ${login.user}, pass: ${login.password}`;
}

class EventRecorder {
  readonly events: RouterEvent[] = [];
  readonly #waiting = new Set<(event: RouterEvent) => void>();

  emit(event: RouterEvent): void {
    this.events.push(event);
    for (const look of this.#waiting) look(event);
  }

  until(isFound: (event: RouterEvent) => boolean): Promise<RouterEvent> {
    const past = this.events.find(isFound);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve) => {
      const look = (event: RouterEvent): void => {
        if (!isFound(event)) return;
        this.#waiting.delete(look);
        resolve(event);
      };
      this.#waiting.add(look);
    });
  }
}
