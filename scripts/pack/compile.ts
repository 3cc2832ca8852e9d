/**
 * Compiles the sources of all packages in one TypeScript program: packages import each other through
 * their `exports`, which name `.ts` files, so one program sees everything and nothing is compiled twice.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../process/run-tool.ts';

/**
 * Writes JavaScript and declarations of `packages/<folder>/src` to `<result>/<folder>/src`. The caller removes
 * the returned folder. It lies inside the repository, so that dependencies resolve.
 */
export async function compilePackages(root: string, folders: readonly string[]): Promise<string> {
  await mkdir(join(root, '.cache'), { recursive: true });
  const out = await mkdtemp(join(root, '.cache/compile-'));
  const project = join(out, 'tsconfig.json');
  try {
    await writeFile(project, JSON.stringify(projectFile(root, folders, out)));
    await runTool(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], {
      cwd: root,
    });
    return out;
  } catch (error) {
    await rm(out, { recursive: true, force: true });
    throw error;
  }
}

function projectFile(root: string, folders: readonly string[], out: string): unknown {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rootDir: join(root, 'packages'),
      outDir: out,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: folders.map((folder) => join(root, 'packages', folder, 'src')),
    exclude: [],
  };
}
