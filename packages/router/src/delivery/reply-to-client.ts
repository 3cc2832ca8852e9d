/**
 * The final reply to a mail transaction without a spool (RFC 5321 §4.2.5): all or nothing.
 *
 * | the recipients of the message                              | reply                                |
 * |------------------------------------------------------------|--------------------------------------|
 * | the selector refused / deferred / wants to hold            | 550 552 554 / 450 451 452 / 451      |
 * | every one delivered                                        | 250, naming downstream and its word  |
 * | one ambiguous: a dot without an answer (RFC 1047)          | 451, or 554 5.4.7 for `at_most_once` |
 * | every refusal is final: the downstream said 5xx to mail    | that 5xx, as 550, 552 or 554         |
 * | one recipient, deferred                                    | that 4xx, as 450, 451 or 452         |
 * | several recipients, one not refused for good               | 451                                  |
 *
 * A recipient held back only because another one was refused has no say. What is our own trouble
 * (network, login, throttling, a missing outcome) is never 5xx, whatever a downstream called it: the
 * sender keeps the message and tries again.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { Blame, DeliveredOutcome, Outcome, UndeliveredOutcome } from '../message/outcome.ts';
import { describeReply } from '../message/reply-text.ts';
import type { RelayVerdict } from '../relay/relay-result.ts';
import { composeText, nameText, relayedText } from './reply-text.ts';

/** Everything the reply depends on. */
export interface Settlement {
  readonly messageId: string;
  /** All recipients of the message; at least one. */
  readonly recipientIds: readonly number[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
  readonly verdict?: RelayVerdict | undefined;
  readonly ambiguous: AmbiguousPolicy;
}

/** What a dot without an answer means to the sender: try again (a duplicate is possible), or do not. */
export type AmbiguousPolicy = 'at_least_once' | 'at_most_once';

/** The only codes a client ever hears at the end of data. */
export const FINAL_REPLY_CODES = [250, 450, 451, 452, 550, 552, 554] as const;
type FinalReplyCode = (typeof FINAL_REPLY_CODES)[number];

/** Answers the client; 250 only when every recipient was delivered. */
export function replyToClient(settlement: Settlement): SmtpReply {
  if (settlement.verdict !== undefined) return verdictReply(settlement.verdict, settlement.messageId);
  const delivered: DeliveredOutcome[] = [];
  const undelivered: UndeliveredOutcome[] = [];
  for (const id of settlement.recipientIds) {
    const outcome = settlement.outcomes.get(id) ?? MISSING;
    if (outcome.kind === 'delivered') delivered.push(outcome);
    else undelivered.push(outcome);
  }
  if (undelivered.length === 0 && delivered.length > 0) return relayedReply(delivered, settlement.messageId);
  const ambiguous = undelivered.find((outcome) => outcome.kind === 'ambiguous');
  if (ambiguous !== undefined) return ambiguousReply(ambiguous, settlement);
  return refusedReply(undelivered, settlement);
}

/** Stands for a recipient nothing is known of: it was not delivered, as far as anybody can say. */
const MISSING: UndeliveredOutcome = {
  kind: 'deferred',
  phase: 'connect',
  blame: 'router',
  message: 'there is no outcome for this recipient',
};

function relayedReply(delivered: readonly DeliveredOutcome[], messageId: string): SmtpReply {
  const [first, ...others] = delivered;
  if (first === undefined) return reply(250, '2.0.0', relayedText('', messageId, ''));
  const names = others.length === 0 ? first.downstreamId : namesOf(delivered);
  return reply(250, '2.0.0', relayedText(names, messageId, describeReply(first.reply)));
}

function namesOf(delivered: readonly DeliveredOutcome[]): string {
  return [...new Set(delivered.map((outcome) => outcome.downstreamId))].join(', ');
}

function ambiguousReply(outcome: UndeliveredOutcome, { ambiguous, messageId }: Settlement): SmtpReply {
  const who = downstreamName(outcome);
  if (ambiguous === 'at_most_once') {
    return reply(
      554,
      '5.4.7',
      composeText(`${who} may have taken the message but did not say so`, '', messageId),
    );
  }
  const text = composeText(`${who} did not say whether it took the message, try again later`, '', messageId);
  return reply(451, '4.4.2', text);
}

function refusedReply(undelivered: readonly UndeliveredOutcome[], settlement: Settlement): SmtpReply {
  const refusals = undelivered.filter((outcome) => outcome.errorCode !== HELD_BACK);
  const open = refusals.find((outcome) => !isFinal(outcome));
  const [first] = refusals;
  if (open === undefined && first !== undefined) return permanentReply(first, settlement.messageId);
  const isAlone = settlement.recipientIds.length === 1;
  return transientReply(open ?? MISSING, isAlone, settlement.messageId);
}

/** The recipient was fine, but another one of the message was not. */
const HELD_BACK = 'ROUTER_ALL_OR_NOTHING';

/** Faults that are never the sender's: another try may find them repaired. */
const OUR_BLAMES: ReadonlySet<Blame> = new Set(['network', 'credentials', 'throttle', 'router']);
/** What servers say to a client that did not log in as they want (RFC 4954 §6): about us, not the mail. */
const LOGIN_CODES: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** Whether nobody could make it better by trying again: the word of a downstream about the mail itself. */
export function isFinal({ kind, blame, reply: word }: UndeliveredOutcome): boolean {
  if (kind !== 'failed' || OUR_BLAMES.has(blame)) return false;
  return word === undefined || (word.code >= 500 && !LOGIN_CODES.has(word.code));
}

function permanentReply(outcome: UndeliveredOutcome, messageId: string): SmtpReply {
  const word = outcome.reply;
  if (word === undefined) {
    const own = OWN_REFUSALS[outcome.errorCode ?? ''] ?? NOBODY_CAN;
    return reply(own.code, own.enhancedCode, composeText(own.text, '', messageId));
  }
  const code = PERMANENT_CODES[word.code] ?? 554;
  return reply(code, enhancedOfClass('5', word) ?? '5.0.0', quotedText(outcome, word, messageId));
}

function transientReply(outcome: UndeliveredOutcome, isAlone: boolean, messageId: string): SmtpReply {
  const word = outcome.reply;
  const byBlame = TRANSIENT_ENHANCED_CODES[outcome.blame];
  if (word === undefined) {
    const own = OWN_DEFERRALS[outcome.errorCode ?? ''];
    const text = own?.text ?? 'No downstream could take the message now, try again later';
    return reply(451, own?.enhancedCode ?? byBlame, composeText(text, '', messageId));
  }
  const code = isAlone ? (TRANSIENT_CODES[word.code] ?? 451) : 451;
  return reply(code, enhancedOfClass('4', word) ?? byBlame, quotedText(outcome, word, messageId));
}

function verdictReply(verdict: RelayVerdict, messageId: string): SmtpReply {
  switch (verdict.kind) {
    case 'reject': {
      const code = PERMANENT_VERDICTS[verdict.code] ?? 550;
      return reply(code, '5.7.1', composeText('Refused by policy', verdict.text, messageId));
    }
    case 'defer': {
      const code = TRANSIENT_CODES[verdict.code] ?? 451;
      return reply(code, '4.7.1', composeText('Not accepted now, try again later', verdict.text, messageId));
    }
    case 'hold':
      return reply(
        451,
        '4.7.1',
        composeText('Cannot be held here, try again later', verdict.text, messageId),
      );
  }
}

/** A downstream's reply code to the code the client hears; any other permanent one is 554. */
const PERMANENT_CODES: Readonly<Record<number, FinalReplyCode>> = {
  550: 550,
  551: 550,
  552: 552,
  553: 550,
  554: 554,
};
const PERMANENT_VERDICTS: Readonly<Record<number, FinalReplyCode>> = { 550: 550, 552: 552, 554: 554 };
/** Any other is 451. */
const TRANSIENT_CODES: Readonly<Record<number, FinalReplyCode>> = { 450: 450, 451: 451, 452: 452 };

/** RFC 3463 codes for what no downstream said itself. */
const TRANSIENT_ENHANCED_CODES: Readonly<Record<Blame, string>> = {
  network: '4.4.1',
  downstream: '4.3.0',
  credentials: '4.3.5',
  throttle: '4.3.2',
  identity: '4.7.1',
  capability: '4.3.3',
  recipient: '4.2.0',
  content: '4.6.0',
  router: '4.3.0',
};

interface OwnRefusal {
  readonly code: FinalReplyCode;
  readonly enhancedCode: string;
  readonly text: string;
}

/** Refusals nobody had to be asked for, by error code. */
const OWN_REFUSALS: Readonly<Record<string, OwnRefusal>> = {
  ROUTER_SIZE_EXCEEDED: {
    code: 552,
    enhancedCode: '5.3.4',
    text: 'Message is larger than any downstream accepts',
  },
  ROUTER_8BITMIME_NOT_OFFERED: {
    code: 554,
    enhancedCode: '5.6.3',
    text: 'No downstream accepts 8-bit content',
  },
  ROUTER_SMTPUTF8_NOT_OFFERED: {
    code: 554,
    enhancedCode: '5.6.7',
    text: 'No downstream accepts internationalised addresses',
  },
  ROUTER_SENDER_NOT_VERIFIED: {
    code: 550,
    enhancedCode: '5.7.1',
    text: 'No downstream may send from this address',
  },
  ROUTER_FROM_NOT_REWRITABLE: {
    code: 554,
    enhancedCode: '5.6.0',
    text: 'The header needs one From field with one address',
  },
};
/** The same for what a sender can change and then try again. */
const OWN_DEFERRALS: Readonly<Record<string, Pick<OwnRefusal, 'enhancedCode' | 'text'>>> = {
  ROUTER_TOO_MANY_RECIPIENTS: {
    enhancedCode: '4.5.3',
    text: 'Too many recipients for one transaction with any downstream, send to fewer at a time',
  },
};
const NOBODY_CAN: OwnRefusal = {
  code: 554,
  enhancedCode: '5.0.0',
  text: 'No downstream can take this message',
};

/** The downstream's own words; for a refused login the code only, lest it repeats the login. */
function quotedText(outcome: UndeliveredOutcome, word: SmtpReply, messageId: string): string {
  const isLogin = outcome.blame === 'credentials' || LOGIN_CODES.has(word.code);
  const quoted = isLogin ? { ...word, lines: [] } : word;
  return composeText(`${downstreamName(outcome)} said`, describeReply(quoted), messageId);
}

function downstreamName(outcome: UndeliveredOutcome): string {
  return nameText(outcome.downstreamId ?? 'The downstream');
}

function enhancedOfClass(digit: '4' | '5', word: SmtpReply): string | undefined {
  const code = word.enhancedCode;
  return code?.startsWith(`${digit}.`) && ENHANCED.test(code) ? code : undefined;
}

/** `class.subject.detail` (RFC 3463 §2). */
const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}$/;

function reply(code: FinalReplyCode, enhancedCode: string, text: string): SmtpReply {
  return { code, enhancedCode, lines: [text] };
}
