/** `selectors.*.config`: what a plugin is configured with, and where each part of it stands. */
import { type ConfigPath, parsePath } from './config-problem.ts';
import type { ConfigScope } from './config-scope.ts';
import type { PluginSettings } from './router-config.ts';

/** Where settings stand, and who hears of problems. */
export type SettingsScope = Pick<ConfigScope, 'locate' | 'note'>;

/** Longest configuration of one plugin, as JSON; it has to fit into one call. */
const MAX_SETTINGS_BYTES = 262_144;

/**
 * @param value any plain data, undefined when there is none
 * @param at of the selector
 */
export function resolveSettings(value: unknown, at: ConfigPath, scope: ConfigScope): PluginSettings {
  return settingsAt(value, [...at, 'config'], scope);
}

/** The same for a value that stands at `own`. */
export function settingsAt(value: unknown, own: ConfigPath, scope: SettingsScope): PluginSettings {
  const locate = (path: string): string => scope.locate([...own, ...(parsePath(path) ?? [])]);
  if (value === undefined) return { json: '', locate };
  const misfit = findMisfit(value, []);
  if (misfit !== undefined) {
    scope.note(
      'CONFIG_BAD_VALUE',
      [...own, ...misfit],
      'must be a finite number, text, true, false, null, a list or a mapping',
    );
    return { json: '', locate };
  }
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) > MAX_SETTINGS_BYTES) {
    scope.note(
      'CONFIG_BAD_VALUE',
      own,
      `is longer than ${MAX_SETTINGS_BYTES} bytes; let the plugin read a file of its own`,
    );
  }
  return { json, locate };
}

/** Where something stands that JSON cannot say, like `.inf`. */
function findMisfit(value: unknown, path: ConfigPath): ConfigPath | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value !== 'object') return path;
  const entries: Iterable<readonly [string | number, unknown]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(value);
  for (const [key, inner] of entries) {
    const misfit = findMisfit(inner, [...path, key]);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}
