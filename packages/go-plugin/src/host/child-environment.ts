/**
 * The environment of a plugin: a few harmless variables of the host, then the plugin's own, then the
 * protocol's. Everything else of the host, credentials above all, stays with the host.
 */
import type { Environment } from '../handshake/plugin-environment.ts';

/** What programs need to find themselves, their time zone, language and certificate authorities. */
const INHERITED = ['PATH', 'HOME', 'TZ', 'LANG', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const;

/** Without these most Windows programs do not start at all. */
const INHERITED_ON_WINDOWS = [
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'TEMP',
  'TMP',
  'USERPROFILE',
] as const;

export interface ChildEnvironmentParts {
  /** The host's environment. */
  readonly host: Environment;
  /** Set for this plugin in the configuration; wins over `host`. */
  readonly own: Readonly<Record<string, string>>;
  /** Set by the protocol; wins over both. */
  readonly protocol: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
}

/** Merges the parts; later ones win. */
export function childEnvironment(parts: ChildEnvironmentParts): Record<string, string> {
  return { ...inherited(parts.host, parts.platform), ...parts.own, ...parts.protocol };
}

function inherited(host: Environment, platform: NodeJS.Platform): Record<string, string> {
  const names: readonly string[] = platform === 'win32' ? [...INHERITED, ...INHERITED_ON_WINDOWS] : INHERITED;
  const taken: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    const spelling = platform === 'win32' ? name.toUpperCase() : name;
    if (value !== undefined && (names.includes(spelling) || spelling.startsWith('LC_'))) taken[name] = value;
  }
  return taken;
}
