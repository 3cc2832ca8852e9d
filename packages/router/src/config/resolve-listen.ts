/** Listeners: their TLS, who may send without AUTH, and whether AUTH is offered without TLS. */
import type { ConfigScope } from './config-scope.ts';
import { type HostPort, isLoopback } from './host-port.ts';
import { suggestName } from './nearest-name.ts';
import type { ListenConfig } from './router-config.ts';
import type { ListenDocument } from './schema.ts';

/** What listeners need to know of the rest of the file. */
export interface ListenContext {
  /** Emails under `users`, as written. */
  readonly emails: readonly string[];
  /** Whether the file names a certificate, usable or not. */
  readonly hasCertificate: boolean;
  /** Address of the command line; replaces those of the file, the first listener keeps its settings. */
  readonly override?: HostPort | undefined;
}

/** The listeners of a router, checked against its users. */
export function resolveListen(
  documents: readonly ListenDocument[],
  context: ListenContext,
  scope: ConfigScope,
): readonly ListenConfig[] {
  const chosen = context.override === undefined ? documents : documents.slice(0, 1);
  noteRepeated(chosen, scope);
  return chosen.map((document, index) => resolveOne(document, index, context, scope));
}

function resolveOne(
  document: ListenDocument,
  index: number,
  context: ListenContext,
  scope: ConfigScope,
): ListenConfig {
  const { host, port } = context.override ?? document.address;
  const tls = resolveTlsMode(document, index, context, scope);
  const isPlaintextAuthAllowed = document.allow_plaintext_auth ?? isLoopback(host);
  if (tls === 'off' && !isPlaintextAuthAllowed && document.auth !== 'off') {
    scope.warn(
      ['listen', index, 'address'],
      'AUTH is not offered here: the connection has no TLS and the address is not loopback; set tls.cert and tls.key, or allow_plaintext_auth: true to offer it in clear text',
    );
  }
  const user = resolveUser(document, index, context, scope);
  warnOfOpenNetworks(document, index, scope);
  warnOfOpenBalancers(document, index, scope);
  return {
    host,
    port,
    tls,
    auth: document.auth,
    ...(user === undefined ? {} : { user }),
    networks: document.networks,
    isPlaintextAuthAllowed,
    proxyProtocolFrom: document.proxy_protocol_from,
  };
}

function resolveTlsMode(
  { tls }: ListenDocument,
  index: number,
  { hasCertificate }: ListenContext,
  scope: ConfigScope,
): ListenConfig['tls'] {
  const mode = tls ?? (hasCertificate ? 'starttls' : 'off');
  if (mode !== 'off' && !hasCertificate) {
    const message = `${mode} needs a certificate; set tls: { cert: FILE, key: FILE } beside listen`;
    scope.note('CONFIG_MISSING_KEY', ['listen', index, 'tls'], message);
  }
  return mode;
}

/** Whoever may send a PROXY header may claim any address, and with it any right that goes by address. */
function warnOfOpenBalancers(document: ListenDocument, index: number, scope: ConfigScope): void {
  for (const [at, network] of document.proxy_protocol_from.entries()) {
    if (!network.endsWith('/0')) continue;
    const message = `${network} is every address: whoever reaches this listener may claim to be any client`;
    scope.warn(['listen', index, 'proxy_protocol_from', at], message);
  }
}

/** Possible, and what makes an open relay of a server that others can reach. */
function warnOfOpenNetworks({ auth, networks }: ListenDocument, index: number, scope: ConfigScope): void {
  if (auth === 'required') return;
  for (const [at, network] of networks.entries()) {
    if (!network.endsWith('/0')) continue;
    const message = `${network} is every address: whoever reaches this listener may send mail without AUTH`;
    scope.warn(['listen', index, 'networks', at], message);
  }
}

function resolveUser(
  document: ListenDocument,
  index: number,
  { emails }: ListenContext,
  scope: ConfigScope,
): string | undefined {
  const { user, auth } = document;
  if (user === undefined) {
    if (auth === 'required') return undefined;
    const message = `is missing; auth: ${auth} needs the user whose downstreams carry mail without AUTH`;
    scope.note('CONFIG_MISSING_KEY', ['listen', index, 'user'], message);
    return undefined;
  }
  const known = emails.find((email) => email.toLowerCase() === user.toLowerCase());
  if (known !== undefined) return known.toLowerCase();
  scope.note(
    'CONFIG_UNKNOWN_NAME',
    ['listen', index, 'user'],
    `no user "${user}"; ${suggestName(user, emails)}`,
  );
  return undefined;
}

function noteRepeated(documents: readonly ListenDocument[], scope: ConfigScope): void {
  const seen = new Set<string>();
  for (const [index, { address }] of documents.entries()) {
    const key = `${address.host} ${address.port}`;
    if (address.port !== 0 && seen.has(key)) {
      scope.note(
        'CONFIG_DUPLICATE',
        ['listen', index, 'address'],
        `${address.text} is listened on twice; keep one`,
      );
    }
    seen.add(key);
  }
}
