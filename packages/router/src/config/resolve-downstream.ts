/** Downstreams: named ones by their key, inline ones by their address, made unique. */

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigPath } from './config-problem.ts';
import type { ConfigScope } from './config-scope.ts';
import type { DownstreamConfig } from './router-config.ts';
import type { DownstreamDocument } from './schema.ts';
import { isMailAddress } from './schema-word.ts';
import { resolveSecret } from './secret.ts';

/** Every downstream of a file, filled while users are read. */
export class DownstreamTable {
  readonly byName = new Map<string, DownstreamConfig>();
  /** Names that stand under `downstreams`, in file order. */
  readonly declared: readonly string[];
  readonly #scope: ConfigScope;

  constructor(
    documents: Readonly<Record<string, DownstreamDocument>>,
    declared: readonly string[],
    scope: ConfigScope,
  ) {
    this.#scope = scope;
    this.declared = declared;
    for (const [name, document] of Object.entries(documents)) {
      this.byName.set(name, resolveDownstream(name, document, ['downstreams', name], scope));
    }
  }

  /** Name of an inline downstream. One that equals an earlier inline one is the same downstream. */
  addInline(document: DownstreamDocument, path: ConfigPath): string {
    const downstream = resolveDownstream(document.addr.text, document, path, this.#scope);
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? downstream.addr : `${downstream.addr}#${number}`;
      const named = { ...downstream, name };
      const taken = this.byName.get(name);
      if (taken === undefined) this.byName.set(name, named);
      if (taken === undefined || (!this.declared.includes(name) && isSame(taken, named))) return name;
    }
  }
}

function resolveDownstream(
  name: string,
  document: DownstreamDocument,
  path: ConfigPath,
  scope: ConfigScope,
): DownstreamConfig {
  const credentials = resolveCredentials(document, path, scope);
  const caFile = resolveCaFile(document.ca_file, path, scope);
  return {
    name,
    host: document.addr.host,
    port: document.addr.port,
    addr: document.addr.text,
    ...credentials,
    tls: document.tls,
    ...(document.tls_verify === undefined ? {} : { isTlsVerified: document.tls_verify }),
    ...(caFile === undefined ? {} : { caFile }),
    weight: document.weight,
    labels: document.labels,
    ...(document.cost === undefined ? {} : { cost: document.cost }),
    maxConnections: document.max_connections,
    maxMessagesPerConnection: document.max_messages_per_connection,
    ...(document.max_recipients !== undefined && { maxRecipients: document.max_recipients }),
    ...(document.verified_from !== undefined && { verifiedFrom: document.verified_from }),
    ...resolveRewriting(document, path, scope),
  };
}

function resolveRewriting(
  document: DownstreamDocument,
  path: ConfigPath,
  scope: ConfigScope,
): Pick<DownstreamConfig, 'rewriteFrom' | 'rewriteMailFrom'> {
  const rewriteFrom = rewrittenTo('rewrite_from', document, path, scope);
  const rewriteMailFrom = rewrittenTo('rewrite_mail_from', document, path, scope);
  if (rewriteFrom !== undefined) {
    const hint = 'makes the DKIM signature of a message invalid; sign mail behind this downstream';
    scope.warn([...path, 'rewrite_from'], hint);
  }
  return {
    ...(rewriteFrom !== undefined && { rewriteFrom }),
    ...(rewriteMailFrom !== undefined && { rewriteMailFrom }),
  };
}

/** The address a key asks for; undefined = kept. */
function rewrittenTo(
  key: 'rewrite_from' | 'rewrite_mail_from',
  document: DownstreamDocument,
  path: ConfigPath,
  scope: ConfigScope,
): string | undefined {
  const word = document[key];
  if (word === 'keep') return undefined;
  if (word !== 'login') return word;
  if (document.user !== undefined && isMailAddress(document.user)) return document.user;
  const reason = document.user === undefined ? 'user is missing' : 'user is no mail address';
  scope.note('CONFIG_BAD_VALUE', [...path, key], `cannot be login, ${reason}; write an address`);
  return undefined;
}

function resolveCredentials(
  document: DownstreamDocument,
  path: ConfigPath,
  scope: ConfigScope,
): Pick<DownstreamConfig, 'user' | 'password' | 'passwordFile'> {
  const { user, pass, pass_env: env, pass_file: file } = document;
  const hasPassword = pass !== undefined || env !== undefined || file !== undefined;
  const resolved = resolveSecret({ key: 'pass', path, value: pass, env, file }, scope);
  if (user === undefined && !hasPassword) return {};
  if (user === undefined)
    scope.note('CONFIG_MISSING_KEY', [...path, 'user'], 'is missing; a password needs its login');
  if (!hasPassword) {
    scope.note(
      'CONFIG_MISSING_KEY',
      [...path, 'pass'],
      'is missing; a login needs pass, pass_env or pass_file',
    );
  }
  if (user === undefined || resolved === undefined) return {};
  const { secret: password, file: passwordFile } = resolved;
  return { user, password, ...(passwordFile !== undefined && { passwordFile }) };
}

function resolveCaFile(name: string | undefined, path: ConfigPath, scope: ConfigScope): string | undefined {
  if (name === undefined) return undefined;
  const file = resolve(scope.directory, name);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
  scope.note('CONFIG_BAD_VALUE', [...path, 'ca_file'], `${file} is no file; name a PEM file`);
  return undefined;
}

function isSame(a: DownstreamConfig, b: DownstreamConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
