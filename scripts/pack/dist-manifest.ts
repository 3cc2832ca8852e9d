/**
 * The package.json of the packed form, derived from the one in the source tree.
 */
import type { ExportMap, PackageManifest } from './workspace.ts';

/** Fields that only mean something in the source tree. */
const SOURCE_ONLY_FIELDS = ['devDependencies', 'scripts', 'private', 'files', 'publishConfig'] as const;

/** What a manifest does not say itself. */
export interface DistSurroundings {
  /** Version by name of all packages packed together. */
  readonly siblingVersions: ReadonlyMap<string, string>;
  /** Whether the package brings a folder `templates`. */
  readonly hasTemplates?: boolean;
}

/**
 * Maps every `.ts` file named in `exports` and `imports` to the compiled `.js` with its types beside it,
 * pins sibling packages to the exact version they have now, and drops what only the source tree needs.
 */
export function distManifest(
  source: PackageManifest,
  { siblingVersions, hasTemplates = false }: DistSurroundings,
): Record<string, unknown> {
  const kept = Object.fromEntries(
    Object.entries(source).filter(([field]) => !SOURCE_ONLY_FIELDS.some((dropped) => dropped === field)),
  );
  return {
    ...kept,
    ...(source.exports === undefined
      ? {}
      : { exports: { ...compiledMap(source.exports), './package.json': './package.json' } }),
    ...(source.imports === undefined ? {} : { imports: compiledMap(source.imports) }),
    ...(source.dependencies === undefined
      ? {}
      : { dependencies: pinSiblings(source.dependencies, siblingVersions) }),
    sideEffects: false,
    files: [
      'src',
      ...(source.bin === undefined ? [] : ['bin']),
      ...(exportsProto(source) ? ['proto'] : []),
      ...(hasTemplates ? ['templates'] : []),
    ],
  };
}

/** Whether a package publishes its `proto` folder. */
export function exportsProto({ exports = {} }: PackageManifest): boolean {
  return Object.values(exports).some((file) => file.startsWith('./proto/'));
}

/** What a consumer resolves: types first, as TypeScript asks for. */
interface CompiledTarget {
  readonly types: string;
  readonly default: string;
}

function compiledMap(map: ExportMap): Record<string, CompiledTarget | string> {
  return Object.fromEntries(Object.entries(map).map(([subpath, file]) => [subpath, compiledTarget(file)]));
}

function compiledTarget(file: string): CompiledTarget | string {
  if (!file.endsWith('.ts')) return file;
  const stem = file.slice(0, -'.ts'.length);
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

function pinSiblings(
  dependencies: Readonly<Record<string, string>>,
  siblingVersions: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [name, siblingVersions.get(name) ?? range]),
  );
}
