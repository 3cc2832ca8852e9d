/** A password from the one place a configuration names: beside the key, in the environment, or in a file. */
import { resolve } from 'node:path';
import type { RouterErrorCode } from '../errors.ts';
import type { ConfigPath } from './config-problem.ts';
import type { ConfigScope } from './config-scope.ts';
import { readSecretFileNow } from './secret-file.ts';

/** The possible places, with the name of the key without its suffix: `password` or `pass`. */
export interface SecretPlaces {
  readonly key: string;
  readonly path: ConfigPath;
  readonly value?: string | undefined;
  readonly env?: string | undefined;
  readonly file?: string | undefined;
}

/** A secret, and the file it may be read from again. */
export interface ResolvedSecret {
  readonly secret: string;
  /** Absolute; absent where it came from elsewhere. */
  readonly file?: string;
}

/** The secret; undefined when no place is named or a problem was noted. */
export function resolveSecret(places: SecretPlaces, scope: ConfigScope): ResolvedSecret | undefined {
  const named = [places.value, places.env, places.file].filter((place) => place !== undefined);
  if (named.length > 1) {
    const keys = `${places.key}, ${places.key}_env and ${places.key}_file`;
    return noted(scope, 'CONFIG_DUPLICATE', places.path, `keep only one of ${keys}`);
  }
  if (places.env !== undefined) return fromEnvironment(places, places.env, scope);
  if (places.file !== undefined) return fromFile(places, places.file, scope);
  return places.value === undefined ? undefined : { secret: places.value };
}

function fromEnvironment(
  places: SecretPlaces,
  variable: string,
  scope: ConfigScope,
): ResolvedSecret | undefined {
  const value = scope.env[variable];
  if (value !== undefined && value !== '') return { secret: value };
  const path = [...places.path, `${places.key}_env`];
  return noted(scope, 'CONFIG_SECRET_MISSING', path, `environment variable ${variable} is not set`);
}

function fromFile(places: SecretPlaces, name: string, scope: ConfigScope): ResolvedSecret | undefined {
  const file = resolve(scope.directory, name);
  const result = readSecretFileNow(file);
  if (result.kind === 'ok') return { secret: result.secret, file };
  return noted(scope, 'CONFIG_SECRET_MISSING', [...places.path, `${places.key}_file`], result.message);
}

function noted(scope: ConfigScope, code: RouterErrorCode, path: ConfigPath, message: string): undefined {
  scope.note(code, path, message);
  return undefined;
}
