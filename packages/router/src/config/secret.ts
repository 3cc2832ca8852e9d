/** A password from the one place a configuration names: beside the key, in the environment, or in a file. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RouterErrorCode } from '../errors.ts';
import type { ConfigPath } from './config-problem.ts';
import type { ConfigScope } from './config-scope.ts';

/** Longest password file that is read. */
const MAX_SECRET_BYTES = 64 * 1024;

/** The possible places, with the name of the key without its suffix: `password` or `pass`. */
export interface SecretPlaces {
  readonly key: string;
  readonly path: ConfigPath;
  readonly value?: string | undefined;
  readonly env?: string | undefined;
  readonly file?: string | undefined;
}

/** The secret; undefined when no place is named or a problem was noted. */
export function resolveSecret(places: SecretPlaces, scope: ConfigScope): string | undefined {
  const named = [places.value, places.env, places.file].filter((place) => place !== undefined);
  if (named.length > 1) {
    const keys = `${places.key}, ${places.key}_env and ${places.key}_file`;
    return noted(scope, 'CONFIG_DUPLICATE', places.path, `keep only one of ${keys}`);
  }
  if (places.env !== undefined) return fromEnvironment(places, places.env, scope);
  if (places.file !== undefined) return fromFile(places, places.file, scope);
  return places.value;
}

function fromEnvironment(places: SecretPlaces, variable: string, scope: ConfigScope): string | undefined {
  const value = scope.env[variable];
  if (value !== undefined && value !== '') return value;
  const path = [...places.path, `${places.key}_env`];
  return noted(scope, 'CONFIG_SECRET_MISSING', path, `environment variable ${variable} is not set`);
}

function fromFile(places: SecretPlaces, name: string, scope: ConfigScope): string | undefined {
  const path = [...places.path, `${places.key}_file`];
  const file = resolve(scope.directory, name);
  try {
    const bytes = readFileSync(file);
    const text = bytes.toString('utf8').replace(/\r?\n$/, '');
    if (text !== '' && bytes.length <= MAX_SECRET_BYTES && !/\p{Cc}/u.test(text)) return text;
    return noted(scope, 'CONFIG_SECRET_MISSING', path, `${file} must hold one line with the password`);
  } catch (error) {
    return noted(scope, 'CONFIG_SECRET_MISSING', path, `${file} cannot be read (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function noted(scope: ConfigScope, code: RouterErrorCode, path: ConfigPath, message: string): undefined {
  scope.note(code, path, message);
  return undefined;
}
