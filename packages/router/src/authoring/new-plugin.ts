/** Writes the folder of a new plugin: a template under a name of its own, with what it needs of the SDK. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RouterError } from '../errors.ts';
import { type Ingredient, isWanted, type Language, TEMPLATE_NAME, TEMPLATES } from './template.ts';
import { packedForms, packPackages } from './vendored-package.ts';

/** What is made, and where. */
export interface NewPlugin {
  readonly language: Language;
  /** Absolute; made when it is not there, else it must be empty. */
  readonly folder: string;
  /** Default: the name of the folder. */
  readonly name?: string;
}

/** Templates stand beside the sources, in the source tree as in the packed form. */
const TEMPLATE_ROOT = fileURLToPath(new URL('../../templates/', import.meta.url));
/** Of the source tree. */
const SOURCE_ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Names that are a Go module, an npm package and a file alike. */
const NAME = /^[a-z][a-z0-9-]{0,49}$/;

/**
 * Answers the name of the plugin.
 *
 * @throws RouterError ROUTER_FOLDER_UNUSABLE, ROUTER_NAME_UNUSABLE, ROUTER_PACKAGES_NOT_BUILT, ROUTER_TOOL_FAILED
 */
export async function newPlugin({
  language,
  folder,
  name = basename(folder).toLowerCase(),
}: NewPlugin): Promise<string> {
  if (!NAME.test(name)) {
    const message = `"${name}" is no name for a plugin: small letters, digits and hyphens, a letter first.`;
    throw new RouterError('ROUTER_NAME_UNUSABLE', message);
  }
  const template = TEMPLATES[language];
  const packages = packedForms(template.packages);
  makeEmpty(folder);
  try {
    for (const part of ['every', template.folder]) copyTemplate(join(TEMPLATE_ROOT, part), folder, name);
    for (const ingredient of template.ingredients) copyIngredient(ingredient, folder);
    if (language === 'go') pointAtOwnSdk(join(folder, 'go.mod'));
    if (packages.size > 0) {
      dependOn(await packPackages(packages, join(folder, 'vendor')), join(folder, 'package.json'));
    }
    return name;
  } catch (error) {
    // It was empty: all of it is ours, and half a plugin helps nobody.
    for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
    throw error;
  }
}

function makeEmpty(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length === 0) return;
  } catch (cause) {
    const message = `${folder} cannot be made into a folder.`;
    throw new RouterError('ROUTER_FOLDER_UNUSABLE', message, { cause });
  }
  throw new RouterError('ROUTER_FOLDER_UNUSABLE', `${folder} has something in it.`);
}

/** Every file of a template, under the new name; npm packs no file called .gitignore. */
function copyTemplate(from: string, to: string, name: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const named = entry.name === 'gitignore' ? '.gitignore' : entry.name.replaceAll(TEMPLATE_NAME, name);
    const text = readFileSync(join(from, entry.name), 'utf8').replaceAll(TEMPLATE_NAME, name);
    const { mode } = statSync(join(from, entry.name));
    writeFileSync(join(to, named), text, { mode });
  }
}

function copyIngredient({ packed, source, to }: Ingredient, folder: string): void {
  const ready = join(TEMPLATE_ROOT, packed);
  const isPacked = statSync(ready, { throwIfNoEntry: false }) !== undefined;
  const target = join(folder, to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(isPacked ? ready : join(SOURCE_ROOT, source), target, { recursive: true, filter: isWanted });
}

/** The template finds the SDK in the source tree. */
function pointAtOwnSdk(file: string): void {
  const text = readFileSync(file, 'utf8').replace(/(^replace .*=> ).*$/m, '$1./sdk');
  writeFileSync(file, text);
}

/** Puts tarballs in the place of versions nobody published. */
function dependOn(tarballs: ReadonlyMap<string, string>, file: string): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const own = [...tarballs].map(([name, tarball]) => [name, `file:vendor/${tarball}`]);
  const dependencies = { ...manifest.dependencies, ...Object.fromEntries(own) };
  writeFileSync(file, `${JSON.stringify({ ...manifest, dependencies }, undefined, 2)}\n`);
}
