/**
 * A copy of the repository's skeleton outside of it, where tests plant code the linter must refuse: a crash
 * of a test leaves nothing behind in the real tree.
 */
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { tryTool } from '../process/run-tool.ts';

const root = resolve(import.meta.dirname, '../..');

/** What the linter said about one place. */
export interface LintFinding {
  /** Relative to the tree. */
  readonly file: string;
  /** Name of the rule, e.g. `noImportCycles`. */
  readonly rule: string;
}

/** Configuration and manifests as they are, sources as planted. */
export class PlantedTree implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Copies what the linter's verdict depends on; installed packages are linked. */
  static async create(): Promise<PlantedTree> {
    const directory = await mkdtemp(join(tmpdir(), 'smtp-router-planted-'));
    const manifests = (await readdir(join(root, 'packages'))).map((name) => `packages/${name}/package.json`);
    for (const file of ['biome.json', 'package.json', 'tsconfig.json', '.gitignore', ...manifests]) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await copyFile(join(root, file), join(directory, file));
    }
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    return new PlantedTree(directory);
  }

  /** Writes one file; folders are made as needed. */
  async plant(file: string, source: string): Promise<void> {
    const path = join(this.#directory, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, source);
  }

  /** Runs the linter over `packages/` as `npm run lint` does, without the formatter. */
  async lint(): Promise<readonly LintFinding[]> {
    const program = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const args = [program, 'lint', '--reporter=json', '--max-diagnostics=none', 'packages'];
    const { stdout, stderr } = await tryTool(process.execPath, args, { cwd: this.#directory });
    return parseFindings(stdout, stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

interface BiomeReport {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: unknown };
  }[];
}

function parseFindings(stdout: string, stderr: string): readonly LintFinding[] {
  if (!stdout.startsWith('{')) throw new Error(`the linter gave no report: ${stdout}${stderr}`);
  const report = JSON.parse(stdout) as BiomeReport;
  return report.diagnostics.map(({ category, location }) => ({
    file: pathOf(location.path),
    rule: category.split('/').at(-1) ?? category,
  }));
}

function pathOf(path: unknown): string {
  if (typeof path === 'string') return path;
  if (typeof path === 'object' && path !== null && 'file' in path) return String(path.file);
  throw new Error('the linter reported no file');
}
