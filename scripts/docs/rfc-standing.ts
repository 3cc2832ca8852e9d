/**
 * How far each RFC that concerns the router is followed, stated by hand: the one thing about coverage that
 * mentions in the source cannot tell.
 */

/** One RFC. */
export interface RfcStanding {
  readonly title: string;
  readonly standing: 'implemented' | 'partial' | 'not supported';
  /** What is missing, or what is meant; empty when the standing says it all. */
  readonly note: string;
}

/** By RFC number: the RFCs of mail. Others that the source refers to (addresses, TLS) need no entry. */
export const RFC_STANDING: ReadonlyMap<number, RfcStanding> = new Map([
  [
    1047,
    {
      title: 'Duplicate messages and SMTP',
      standing: 'implemented',
      note: 'a dot without an answer is ambiguous, never assumed delivered',
    },
  ],
  [1870, { title: 'SIZE', standing: 'implemented', note: '' }],
  [2034, { title: 'ENHANCEDSTATUSCODES', standing: 'implemented', note: '' }],
  [2920, { title: 'PIPELINING', standing: 'implemented', note: '' }],
  [3030, { title: 'CHUNKING and BINARYMIME', standing: 'partial', note: 'BINARYMIME is not offered' }],
  [3207, { title: 'STARTTLS', standing: 'partial', note: 'as client; the server side is not supported' }],
  [
    3461,
    {
      title: 'DSN parameters',
      standing: 'partial',
      note: 'carried through to downstreams that offer DSN; not offered to clients, no reports are sent',
    },
  ],
  [3848, { title: 'Transmission types in Received', standing: 'implemented', note: '' }],
  [3463, { title: 'Enhanced status codes', standing: 'implemented', note: '' }],
  [4616, { title: 'SASL PLAIN', standing: 'implemented', note: '' }],
  [4954, { title: 'AUTH', standing: 'implemented', note: 'mechanisms PLAIN and LOGIN' }],
  [
    5321,
    {
      title: 'SMTP',
      standing: 'partial',
      note: 'submission and relay; VRFY answers 252; no MX look-up, no queue',
    },
  ],
  [
    5322,
    {
      title: 'Internet message format',
      standing: 'partial',
      note: 'header section is read, never rewritten; the trace header is added',
    },
  ],
  [6152, { title: '8BITMIME', standing: 'implemented', note: '' }],
  [
    6409,
    { title: 'Submission', standing: 'partial', note: 'AUTH and sender rules; content is not completed' },
  ],
  [6531, { title: 'SMTPUTF8', standing: 'implemented', note: 'nothing is downgraded' }],
  [8314, { title: 'Implicit TLS', standing: 'partial', note: 'as client' }],
]);
