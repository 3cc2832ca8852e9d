/** Selectors: built-in strategies, plugins by name, and plugin paths a user names directly. */
import type { ConfigPath } from './config-problem.ts';
import type { ConfigScope } from './config-scope.ts';
import { suggestName } from './nearest-name.ts';
import {
  checksumFault,
  looksLikePath,
  type PluginCommand,
  resolvePluginCommand,
  resolvePluginFile,
  resolveWatchedFiles,
} from './plugin-file.ts';
import { resolveSettings } from './resolve-settings.ts';
import type { PluginConfig, SelectorConfig, StrategyConfig } from './router-config.ts';
import { type SelectorDocument, selectorSchema, type UserDocument } from './schema.ts';

/** The built-in strategies; `selection/strategy-by-name.ts` makes them. */
const STRATEGIES = [
  'in-order',
  'round-robin',
  'random',
  'weighted',
  'least-busy',
  'lowest-latency',
] as const satisfies readonly StrategyConfig['strategy'][];

/** Every selector of a file, filled while users are read. */
export class SelectorTable {
  readonly byName = new Map<string, SelectorConfig>();
  readonly #declared: readonly string[];
  readonly #scope: ConfigScope;

  constructor(
    documents: Readonly<Record<string, SelectorDocument>>,
    declared: readonly string[],
    scope: ConfigScope,
  ) {
    this.#scope = scope;
    this.#declared = declared;
    for (const strategy of STRATEGIES)
      this.byName.set(strategy, { kind: 'strategy', name: strategy, strategy });
    for (const [name, document] of Object.entries(documents)) this.#declare(name, document);
  }

  /** Name of the selector of a user; a problem and the default when there is none of that name. */
  nameFor(user: UserDocument, path: ConfigPath): string {
    if (user.selector !== undefined && user.selector_algo_path !== undefined) {
      const message = 'keep only one of selector and selector_algo_path';
      this.#scope.note('CONFIG_DUPLICATE', [...path, 'selector_algo_path'], message, 'key');
    }
    if (user.selector_algo_path !== undefined) {
      const { directory, cwd } = this.#scope;
      return this.#byPath(user.selector_algo_path, [...path, 'selector_algo_path'], [directory, cwd]);
    }
    return user.selector === undefined ? 'in-order' : this.#byWord(user.selector, [...path, 'selector']);
  }

  #byWord(word: string, path: ConfigPath): string {
    if (this.byName.has(word) || this.#declared.includes(word)) return word;
    if (looksLikePath(word)) return this.#byPath(word, path, [this.#scope.directory]);
    const known = [...STRATEGIES, ...this.#declared];
    const message = `no selector "${word}"; ${suggestName(word, known)} (a path needs a slash: ./${word})`;
    this.#scope.note('CONFIG_UNKNOWN_NAME', path, message);
    return 'in-order';
  }

  /** Users who name the same file share one process. */
  #byPath(name: string, at: ConfigPath, directories: readonly string[]): string {
    const found = resolvePluginFile(name, at, directories, this.#scope);
    if (found === undefined) return 'in-order';
    for (const known of this.byName.values()) {
      if (known.kind === 'plugin' && known.path === found.path && !this.#declared.includes(known.name))
        return known.name;
    }
    const unique = this.byName.has(name) ? found.path : name;
    this.byName.set(
      unique,
      pluginConfig(unique, found, selectorSchema.parse({ plugin: name }), {
        settings: { json: '', locate: () => this.#scope.locate(at) },
        watchedFiles: [found.path],
      }),
    );
    return unique;
  }

  #declare(name: string, document: SelectorDocument): void {
    const path = ['selectors', name];
    if (this.byName.has(name)) {
      this.#scope.note(
        'CONFIG_DUPLICATE',
        path,
        `"${name}" is the name of a strategy; choose another`,
        'key',
      );
      return;
    }
    const found = this.#commandOf(document, path);
    if (found === undefined) return;
    this.#checkChecksum(found, document, path);
    const settings = resolveSettings(document.config, path, this.#scope);
    const watchedFiles = this.#watchedFiles(found, document, path);
    this.byName.set(name, pluginConfig(name, found, document, { settings, watchedFiles }));
  }

  #checkChecksum({ path }: PluginCommand, { plugin, sha256 }: SelectorDocument, at: ConfigPath): void {
    if (sha256 === undefined) return;
    const fault =
      plugin === undefined
        ? 'goes with plugin only: under command nothing says which file it is of'
        : checksumFault(path, sha256);
    if (fault !== undefined) this.#scope.note('CONFIG_PLUGIN_CHECKSUM', [...at, 'sha256'], fault);
  }

  /** The program itself, unless PATH told where it is: that one is an interpreter. */
  #watchedFiles({ path }: PluginCommand, document: SelectorDocument, at: ConfigPath): readonly string[] {
    const { watch, command } = document;
    if (watch === false) return [];
    const isOwn = command === undefined || /[/\\]/.test(command[0] ?? '');
    const own = isOwn ? [path] : [];
    const listed = watch === true ? [] : resolveWatchedFiles(watch, [...at, 'watch'], this.#scope);
    return [...new Set([...own, ...listed])];
  }

  #commandOf(document: SelectorDocument, path: ConfigPath): PluginCommand | undefined {
    const { plugin, command } = document;
    if (plugin !== undefined && command !== undefined) {
      this.#scope.note(
        'CONFIG_DUPLICATE',
        [...path, 'command'],
        'keep only one of plugin and command',
        'key',
      );
    } else if (plugin !== undefined) {
      return resolvePluginFile(plugin, [...path, 'plugin'], [this.#scope.directory], this.#scope);
    } else if (command !== undefined) {
      return resolvePluginCommand(command, [...path, 'command'], this.#scope);
    } else {
      this.#scope.note(
        'CONFIG_MISSING_KEY',
        [...path, 'plugin'],
        'is missing; it needs the path of a plugin, or command',
      );
    }
    return undefined;
  }
}

function pluginConfig(
  name: string,
  found: PluginCommand,
  document: SelectorDocument,
  { settings, watchedFiles }: Pick<PluginConfig, 'settings' | 'watchedFiles'>,
): PluginConfig {
  return {
    kind: 'plugin',
    name,
    command: found.command,
    path: found.path,
    isWholeProgram: document.plugin !== undefined,
    watchedFiles,
    env: document.env,
    sha256: document.sha256,
    autoMtls: document.auto_mtls,
    startTimeoutMs: document.start_timeout,
    timeoutMs: document.timeout,
    maxInFlight: document.max_in_flight,
    onFailure: document.on_failure,
    tail: document.tail,
    isPasswordExposed: document.expose_passwords,
    settings,
  };
}
