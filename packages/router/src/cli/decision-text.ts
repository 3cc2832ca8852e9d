import type { SelectionRecord } from '../message/selection-record.ts';

/** Who decided what, and why. */
export function decisionText({ selector, decidedBy, faultCode, reason, routes }: SelectionRecord): string {
  const who =
    decidedBy === 'selector' ? '' : ` (its on_failure, because of ${faultCode ?? 'a fault of the selector'})`;
  const chosen = routes.map((route) => route.join(', ')).join(' | ');
  return `${selector || 'nobody'}${who} chose ${chosen || 'nobody'}: ${reason || 'no reason given'}`;
}
