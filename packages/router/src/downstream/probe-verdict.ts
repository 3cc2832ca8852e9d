import type { AttemptEnd } from './attempt-report.ts';
import type { HealthVerdict } from './health-watch.ts';

/** Whose fault a failed probe is. A probe holds no message, so only these can be. */
export function probeVerdict(end: AttemptEnd): Extract<HealthVerdict, { kind: 'blamed' }> | undefined {
  if (end.kind !== 'failed') return undefined;
  return { kind: 'blamed', blame: blameOf(end.phase, end.code), message: end.message };
}

function blameOf(phase: string, code: string): 'credentials' | 'network' | 'downstream' {
  if (phase === 'auth' || code.startsWith('SMTP_AUTH_') || code === 'ROUTER_CLEARTEXT_AUTH_REFUSED') {
    return 'credentials';
  }
  return phase === 'connect' ? 'network' : 'downstream';
}
