/** Where mail is kept, when it is tried again, and how senders hear of what failed. */
import { resolve } from 'node:path';
import type { ConfigScope } from './config-scope.ts';
import { suggestName } from './nearest-name.ts';
import type { BouncesConfig, RouterConfig, SpoolConfig } from './router-config.ts';
import type { ConfigDocument } from './schema.ts';

/** Undefined when off, or when the URL is none. */
export function resolveSpool(
  spool: ConfigDocument['spool'],
  stateDir: string,
  scope: ConfigScope,
): SpoolConfig | undefined {
  if (spool === 'off') return undefined;
  const { url, min_free: minFreeBytes } = spool;
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (path !== undefined) return { kind: 'sqlite', path: resolve(stateDir, path), minFreeBytes };
  if (/^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) return { kind: 'postgres', url };
  // The value may hold a password: it is not repeated.
  scope.note(
    'CONFIG_BAD_VALUE',
    ['spool', 'url'],
    'is no spool; write sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE',
  );
  return undefined;
}

export function resolveRetry(retry: ConfigDocument['retry'], scope: ConfigScope): RouterConfig['retry'] {
  const { delays: delaysMs, give_up_after: giveUpAfterMs } = retry;
  if (delaysMs.some((delay) => delay > giveUpAfterMs)) {
    scope.note('CONFIG_BAD_VALUE', ['retry', 'give_up_after'], 'is shorter than one of the delays');
  }
  return { delaysMs, giveUpAfterMs };
}

export function resolveBounces(
  { via, to, from }: ConfigDocument['bounces'],
  downstreams: readonly string[],
  scope: ConfigScope,
): BouncesConfig {
  if (via !== undefined && !downstreams.includes(via)) {
    const message = `no downstream "${via}"; ${suggestName(via, downstreams)}`;
    scope.note('CONFIG_UNKNOWN_NAME', ['bounces', 'via'], message);
  }
  return { ...(via !== undefined && { via }), to, ...(from !== undefined && { from }) };
}
