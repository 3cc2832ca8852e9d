import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MailClient } from '../../packages/router/test/support/mail-client.ts';
import { startCapturingSink } from './support/capturing-sink.ts';
import { goProgram, ROOT } from './support/go-programs.ts';
import { processesMarked } from './support/marked-processes.ts';
import { RouterProcess } from './support/router-process.ts';
import { atEnd, scratchFolder, waitFor } from './support/scratch.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 120_000 };
const PASSWORD = 'client-secret-7Q';
const CLIENTS = 4;
/** Messages of each plugin's user before the kill. */
const MESSAGES = 20;

/** Processes of each selector: a Go program, a TypeScript one, and one with two children that left it. */
const PROCESSES = { native: 1, typescript: 1, forking: 3 } as const;
const NAMES = ['native', 'typescript', 'forking'] as const;

describe('a router that is killed under load', () => {
  it('leaves no process and no socket of any plugin 5 s after its next start', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const { folder, config, env } = await plan(t);
    const first = await RouterProcess.start(t, { folder, config, env });
    const load = await Load.start(t, first);
    await waitFor('mail by every plugin', 30_000, async () => load.isEnough || undefined);
    const old = await waitFor('every process', 10_000, async () => {
      const pids = processesMarked(markOf(folder));
      return pids.length === sumOf(PROCESSES) ? pids : undefined;
    });

    await first.kill();
    await load.stop();
    assert.ok(
      processesMarked(markOf(folder)).length >= PROCESSES.native + PROCESSES.forking,
      'Go plugins do not notice',
    );
    const second = await RouterProcess.start(t, { folder, config, env });
    await waitFor('end of the old processes', 5000, async () => {
      const left = processesMarked(markOf(folder));
      return old.some((pid) => left.includes(pid)) ? undefined : true;
    });
    for (const name of NAMES) {
      await second.pluginWhen(
        `${name} ready`,
        10_000,
        (plugin) => plugin.name === name && plugin.state === 'ready',
      );
      const client = await MailClient.open(`127.0.0.1:${await second.port()}`, loginOf(name));
      assert.match(await client.send(), /^250 /);
      client.drop();
    }
    assert.equal(socketDirectories(folder), NAMES.length);

    assert.equal(await second.stop(), 0);
    assert.deepEqual(processesMarked(markOf(folder)), [], 'an orderly end takes the plugins along');
    assert.equal(socketDirectories(folder), 0);
    assert.deepEqual(copies(folder), []);
  });
});

/** A folder, a downstream, and a configuration with a user for each plugin. */
async function plan(t: TestContext) {
  const folder = await scratchFolder(t);
  mkdirSync(join(folder, 'tmp'));
  atEnd(t, () => {
    for (const pid of processesMarked(markOf(folder))) process.kill(pid, 'SIGKILL');
  });
  const program = await goProgram('interop', './cmd/fault-plugin');
  const typescript = join(ROOT, 'examples/typescript/round-robin/round-robin.ts');
  const sink = await startCapturingSink(t);
  const env = { MARK: folder };
  const config = JSON.stringify({
    hostname: 'router.example.com',
    listen: [{ address: '127.0.0.1:0' }],
    users: NAMES.map((name) => ({ email: loginOf(name).user, password: PASSWORD, selector: name })),
    selectors: {
      native: { plugin: program, env },
      typescript: { plugin: typescript, env },
      forking: { command: [program, '-fault', 'forks'], env },
    },
    downstreams: { first: { addr: `127.0.0.1:${sink.port}`, tls: 'off' } },
    admin: { address: '127.0.0.1:0' },
    state_dir: './state',
  });
  return { folder, config, env: { TMPDIR: join(folder, 'tmp') } };
}

/** Clients that send through every plugin until they are stopped or cut off. */
class Load {
  readonly #answered = new Map<string, number>();
  readonly #sending: readonly Promise<void>[];
  #isOver: boolean = false;

  private constructor(clients: readonly { readonly name: string; readonly client: MailClient }[]) {
    this.#sending = clients.map(({ name, client }) => this.#sendOnAndOn(name, client));
  }

  static async start(t: TestContext, router: RouterProcess): Promise<Load> {
    const address = `127.0.0.1:${await router.port()}`;
    const clients = [];
    for (const name of NAMES)
      for (let count = 0; count < CLIENTS; count += 1)
        clients.push({ name, client: await MailClient.open(address, loginOf(name)) });
    const load = new Load(clients);
    atEnd(t, () => load.stop());
    return load;
  }

  get isEnough(): boolean {
    return NAMES.every((name) => (this.#answered.get(name) ?? 0) >= MESSAGES);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#sending);
  }

  async #sendOnAndOn(name: string, client: MailClient): Promise<void> {
    while (!this.#isOver) {
      const reply = await client.send();
      if (!reply.startsWith('250 ')) break;
      this.#answered.set(name, (this.#answered.get(name) ?? 0) + 1);
    }
    client.drop();
  }
}

function loginOf(name: string): { readonly user: string; readonly password: string } {
  return { user: `${name}@example.com`, password: PASSWORD };
}

/** Of plugins alone: the router has the folder in its environment too. */
function markOf(folder: string): string {
  return `MARK=${folder}`;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function socketDirectories(folder: string): number {
  return readdirSync(join(folder, 'tmp')).length;
}

function copies(folder: string): readonly string[] {
  const directory = join(folder, 'state/plugins');
  return existsSync(directory) ? readdirSync(directory) : [];
}
