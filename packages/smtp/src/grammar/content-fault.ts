/** The worst first. Whichever comes first in the bytes, this order decides what is reported. */
const FAULTS_BY_RANK = ['bare-lf', 'bare-cr', 'nul', 'too-large', 'eight-bit'] as const;

/** Why content cannot be accepted; each has its reply in the server engine. */
export type ContentFault = (typeof FAULTS_BY_RANK)[number];

/** The worse of a fault found and the worst known so far, if any. */
export function worseFault(known: ContentFault | undefined, found: ContentFault): ContentFault {
  if (known === undefined) return found;
  return FAULTS_BY_RANK.indexOf(found) < FAULTS_BY_RANK.indexOf(known) ? found : known;
}
