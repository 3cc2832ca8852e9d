import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { installPackedForm } from '../pack/installed-form.ts';
import { lintDistribution } from '../pack/tarball.ts';
import type { PackageManifest } from '../pack/workspace.ts';
import { runTool, tryTool } from '../process/run-tool.ts';

const root = resolve(import.meta.dirname, '../..');

/** An empty folder with the packed form of every package in `node_modules`, as an installation has it. */
describe('the packed form, installed', () => {
  let folder: string;
  let dists: readonly string[];
  let manifests: readonly PackageManifest[];
  let program: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smtp-router-packed-'));
    ({ dists, manifests, program } = await installPackedForm(root, folder));
    await writeFile(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
  });

  after(() => rm(folder, { recursive: true, force: true }));

  const specifiers = () =>
    manifests.flatMap(({ name, exports = {} }) =>
      Object.entries(exports)
        .filter(([, file]) => file.endsWith('.ts'))
        .map(([subpath]) => join(name, subpath).replace(/\/$/, '')),
    );

  it('has manifests fit to publish: compiled exports, exact siblings, nothing of the source tree', async () => {
    for (const dist of dists) {
      const text = await readFile(join(dist, 'package.json'), 'utf8');
      assert.doesNotMatch(text, /devDependencies|"scripts"|(?<!\.d)\.ts"/);
      assert.deepEqual(await lintDistribution(dist), []);
    }
  });

  it('packs sources, licence and readme, and no test', async () => {
    for (const files of await Promise.all(dists.map(packedFiles))) {
      for (const needed of ['LICENSE', 'README.md', 'package.json'])
        assert.ok(files.includes(needed), needed);
      const own = files.filter((file) => !file.startsWith('templates/'));
      const unwanted = own.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file));
      assert.deepEqual(unwanted, []);
    }
  });

  it('packs the contract where a manifest exports it', async () => {
    const proto = 'proto/smtp_router/selector/v2/selector.proto';
    const packed = (await Promise.all(dists.map(packedFiles))).filter((files) => files.includes(proto));
    assert.equal(packed.length, 1);
  });

  it('packs what was generated from it, as it is', async () => {
    const generated = (await Promise.all(dists.map(packedFiles)))
      .flat()
      .filter((file) => file.includes('/gen/'));
    assert.deepEqual(generated.sort(), [
      'src/wire/v2/gen/selector_pb.d.ts',
      'src/wire/v2/gen/selector_pb.js',
    ]);
  });

  it('packs templates of plugins with what they take from elsewhere', async () => {
    const files = (await Promise.all(dists.map(packedFiles))).flat();
    for (const needed of [
      'every/cases.yaml',
      'typescript/package.json',
      'typescript/gitignore',
      'go/go.mod',
      'python/plugin.py',
      'sdk-go/go.mod',
      'sdk-go/selector/serve.go',
      'sdk-python/smtp_router/selector/v2/selector_pb2.py',
    ]) {
      assert.ok(files.includes(`templates/${needed}`), needed);
    }
    assert.ok(!files.some((file) => /_test\.go$/.test(file) && file.includes('sdk-go')));
  });

  it('loads every export', async () => {
    const script = `for (const name of ${JSON.stringify(specifiers())}) await import(name);`;
    await runTool(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
    assert.ok(specifiers().length > 10);
  });

  it('gives TypeScript the types of every export', async () => {
    const source = specifiers().map((name, index) => `import * as m${index} from '${name}'; void m${index};`);
    await writeFile(join(folder, 'consumer.ts'), source.join('\n'));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONSUMER_PROJECT));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const result = await tryTool(process.execPath, [compiler, '-p', folder], { cwd: folder });
    assert.equal(result.stdout, '');
    assert.equal(result.status, 0);
  });

  it('runs the command', async () => {
    const { version } = manifests.find(({ name }) => name === 'smtp-router') ?? { version: '' };
    const shown = await runTool(process.execPath, [program, '--version'], { cwd: folder });
    assert.equal(shown.stdout.trim(), version);
    await writeFile(join(folder, 'config.yaml'), CONFIG);
    await runTool(process.execPath, [program, 'check', '-c', 'config.yaml'], { cwd: folder });
  });

  it('runs a plugin over gRPC, for which both sides load what they did not have', async () => {
    await writeFile(join(folder, 'plugin.mjs'), GRPC_PLUGIN);
    const checked = await runTool(process.execPath, [program, 'plugin', 'check', 'plugin.mjs'], {
      cwd: folder,
    });
    assert.match(checked.stdout, /^transport ok .* gRPC$/m);
    assert.match(checked.stdout, /^select +ok .* second, first /m);
  });
});

const GRPC_PLUGIN = `import { serveSelector } from '@smtp-router/selector';
await serveSelector({ transport: 'grpc', select: ({ downstreams }) => downstreams.toReversed() });
`;

const CONSUMER_PROJECT = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
  },
  files: ['consumer.ts'],
};

const CONFIG = `users:
  - email: app@example.com
    password: secret
downstreams:
  first: { addr: "127.0.0.1:2526" }
`;

/** What `npm pack` would put into the tarball. */
async function packedFiles(dist: string): Promise<readonly string[]> {
  const { stdout } = await runTool('npm', ['pack', '--dry-run', '--json', '--offline'], { cwd: dist });
  const [report] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return report.files.map(({ path }) => path);
}
