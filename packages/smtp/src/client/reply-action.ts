/**
 * The state machine of a client session: what each reply leads to (RFC 5321 §4.3.2). Replies come in
 * the order of the commands, so the command a reply belongs to (its step) and its first digit decide.
 *
 * What the table does not say: 421 ends the session at any step, and so does a reply that no command
 * asked for. DATA wants 354, no other 3xx.
 */
import type { ReplyClass } from '../grammar/reply.ts';
import type { SmtpPhase } from './client-event.ts';

/** What a reply is due to: a command, or the connection itself. */
export type ReplyStep =
  | 'greeting'
  | 'ehlo'
  | 'helo'
  | 'starttls'
  | 'auth'
  | 'auth-cancel'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'dot'
  | 'chunk'
  | 'rset'
  | 'quit';

/** Steps before the first transaction, by `SessionOpening`. */
export type OpeningAction =
  | 'say-ehlo'
  | 'refuse-greeting'
  | 'learn-extensions'
  | 'say-helo'
  | 'learn-nothing'
  | 'refuse-hello'
  | 'want-tls'
  | 'go-on-in-clear'
  | 'authenticated'
  | 'answer-challenge'
  | 'refuse-auth';

/** Steps of a transaction, by `MailExchange`. */
export type ExchangeAction =
  | 'mail-accepted'
  | 'mail-refused'
  | 'recipient-answered'
  | 'content-wanted'
  | 'data-refused'
  | 'message-answered'
  | 'chunk-answered';

/** `nonsense` ends the session; `ready` and `reset-refused` and `ignore` are the session's own. */
export type SessionAction = 'nonsense' | 'ready' | 'reset-refused' | 'ignore';

export type ReplyAction = OpeningAction | ExchangeAction | SessionAction;

type Row = Readonly<Record<ReplyClass, ReplyAction>>;

export const REPLY_ACTIONS: Readonly<Record<ReplyStep, Row>> = {
  greeting: row('say-ehlo', 'nonsense', 'refuse-greeting', 'refuse-greeting'),
  ehlo: row('learn-extensions', 'nonsense', 'refuse-hello', 'say-helo'),
  helo: row('learn-nothing', 'nonsense', 'refuse-hello', 'refuse-hello'),
  starttls: row('want-tls', 'nonsense', 'go-on-in-clear', 'go-on-in-clear'),
  auth: row('authenticated', 'answer-challenge', 'refuse-auth', 'refuse-auth'),
  'auth-cancel': row('nonsense', 'nonsense', 'refuse-auth', 'refuse-auth'),
  mail: row('mail-accepted', 'nonsense', 'mail-refused', 'mail-refused'),
  rcpt: row('recipient-answered', 'nonsense', 'recipient-answered', 'recipient-answered'),
  data: row('nonsense', 'content-wanted', 'data-refused', 'data-refused'),
  dot: row('message-answered', 'nonsense', 'message-answered', 'message-answered'),
  chunk: row('chunk-answered', 'nonsense', 'chunk-answered', 'chunk-answered'),
  rset: row('ready', 'nonsense', 'reset-refused', 'reset-refused'),
  quit: row('ignore', 'ignore', 'ignore', 'ignore'),
};

/** The phase an outcome is named by. */
export const STEP_PHASES: Readonly<Record<ReplyStep, SmtpPhase>> = {
  greeting: 'greeting',
  ehlo: 'ehlo',
  helo: 'ehlo',
  starttls: 'starttls',
  auth: 'auth',
  'auth-cancel': 'auth',
  mail: 'mail',
  rcpt: 'rcpt',
  data: 'data',
  dot: 'dot',
  chunk: 'dot',
  rset: 'rset',
  quit: 'quit',
};

/** Actions for 2xx, 3xx, 4xx and 5xx. */
function row(
  completion: ReplyAction,
  intermediate: ReplyAction,
  transient: ReplyAction,
  permanent: ReplyAction,
): Row {
  return {
    'positive-completion': completion,
    'positive-intermediate': intermediate,
    'transient-negative': transient,
    'permanent-negative': permanent,
  };
}
