/** Users: their password, who decides for them, and the downstreams their mail may take. */
import type { ConfigPath } from './config-problem.ts';
import type { ConfigScope } from './config-scope.ts';
import { suggestName } from './nearest-name.ts';
import type { DownstreamTable } from './resolve-downstream.ts';
import type { SelectorTable } from './resolve-selector.ts';
import type { UserConfig } from './router-config.ts';
import type { UserDocument } from './schema.ts';
import { resolveSecret } from './secret.ts';

/** What users refer to; inline downstreams and plugin paths are added to it. */
export interface UserContext {
  readonly downstreams: DownstreamTable;
  readonly selectors: SelectorTable;
  readonly hasSpool: boolean;
}

/** Users by lower-cased email. */
export function resolveUsers(
  documents: readonly UserDocument[],
  context: UserContext,
  scope: ConfigScope,
): ReadonlyMap<string, UserConfig> {
  const users = new Map<string, UserConfig>();
  for (const [index, document] of documents.entries()) {
    const key = document.email.toLowerCase();
    if (users.has(key)) {
      scope.note(
        'CONFIG_DUPLICATE',
        ['users', index, 'email'],
        `user "${document.email}" stands twice; keep one`,
      );
    }
    users.set(key, resolveUser(document, ['users', index], context, scope));
  }
  return users;
}

function resolveUser(
  document: UserDocument,
  path: ConfigPath,
  context: UserContext,
  scope: ConfigScope,
): UserConfig {
  const { email, allowed_senders: allowedSenders } = document;
  const { mode = context.hasSpool ? 'sync_then_spool' : 'sync' } = document;
  if (mode !== 'sync' && !context.hasSpool) {
    scope.note('CONFIG_BAD_VALUE', [...path, 'mode'], `${mode} needs a spool; set spool, or use sync`);
  }
  return {
    email,
    login: resolveLogin(document, path, scope),
    mode,
    ...(allowedSenders !== undefined && { allowedSenders }),
    selector: context.selectors.nameFor(document, path),
    downstreams: resolveDownstreamNames(document, path, context.downstreams, scope),
  };
}

function resolveLogin(document: UserDocument, path: ConfigPath, scope: ConfigScope): UserConfig['login'] {
  const { password: value, password_env: env, password_file: file, password_hash: passwordHash } = document;
  const isInClear = value !== undefined || env !== undefined || file !== undefined;
  if (passwordHash !== undefined) {
    if (isInClear) scope.note('CONFIG_DUPLICATE', path, 'keep either password_hash or the password itself');
    return { passwordHash };
  }
  if (!isInClear) {
    scope.note(
      'CONFIG_MISSING_KEY',
      [...path, 'password'],
      'is missing; it needs password, password_env, password_file or password_hash',
    );
  }
  const resolved = resolveSecret({ key: 'password', path, value, env, file }, scope);
  const { secret: password = '', file: passwordFile } = resolved ?? {};
  return { password, ...(passwordFile !== undefined && { passwordFile }) };
}

function resolveDownstreamNames(
  document: UserDocument,
  path: ConfigPath,
  table: DownstreamTable,
  scope: ConfigScope,
): readonly string[] {
  if (document.downstreams === undefined) {
    if (table.declared.length === 0) {
      scope.note(
        'CONFIG_MISSING_KEY',
        [...path, 'downstreams'],
        'is missing; no downstream is defined, add one here or under downstreams',
      );
    }
    return table.declared;
  }
  const names: string[] = [];
  for (const [index, entry] of document.downstreams.entries()) {
    const at = [...path, 'downstreams', index];
    const name = typeof entry === 'string' ? knownName(entry, at, table, scope) : table.addInline(entry, at);
    if (name === undefined) continue;
    if (names.includes(name))
      scope.note('CONFIG_DUPLICATE', at, `downstream "${name}" stands twice; keep one`);
    names.push(name);
  }
  return names;
}

function knownName(
  name: string,
  at: ConfigPath,
  table: DownstreamTable,
  scope: ConfigScope,
): string | undefined {
  if (table.declared.includes(name)) return name;
  scope.note('CONFIG_UNKNOWN_NAME', at, `no downstream "${name}"; ${suggestName(name, table.declared)}`);
  return undefined;
}
