import type { CancelTimer, Clock } from '../clock.ts';
import type { Claim, SpoolStore } from '../spool/spool-store.ts';

/** How long a claim holds when nobody renews it: so long does a message wait whose router died. */
export const LEASE_MS = 120_000;
const RENEW_MS = LEASE_MS / 3;

/** Renews a claim for as long as its message is in hand. A fault is no matter: the next renewal may work. */
export function keepLease(claim: Claim, store: SpoolStore, clock: Clock): CancelTimer {
  let cancel: CancelTimer = () => {};
  let isEnded = false;
  const next = (): void => {
    if (isEnded) return;
    cancel = clock.schedule(RENEW_MS, () => {
      store.renew(claim, LEASE_MS).then(next, next);
    });
  };
  next();
  return () => {
    isEnded = true;
    cancel();
  };
}
