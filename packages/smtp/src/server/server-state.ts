/**
 * The state machine of a server session (RFC 5321 §4.1.4).
 *
 * | state       | meaning                                                        |
 * |-------------|----------------------------------------------------------------|
 * | `connected` | before EHLO or HELO, and again after TLS was started           |
 * | `greeted`   | no mail transaction                                            |
 * | `mail`      | MAIL was accepted, no recipient yet                            |
 * | `rcpt`      | at least one recipient was accepted                            |
 * | `content`   | 354 was sent: bytes are content, not commands                  |
 * | `chunk`     | BDAT was accepted: so many bytes are content, not commands     |
 * | `chunks`    | between two chunks: content has begun, the last is to come     |
 * | `refused`   | BDAT was refused: so many bytes are thrown away                |
 * | `auth`      | a challenge was sent: lines are responses, not commands        |
 * | `tls`       | 220 to STARTTLS was sent: nothing may come in clear any more   |
 * | `closed`    | nothing is read any more                                       |
 *
 * A command that has no entry in the row of a state is out of sequence there (503). An entry is the
 * state after the command was accepted; a refused command changes nothing. What the table does not
 * say: AUTH once per session, and only where it is offered; the end of content leads to `greeted`
 * whatever it was answered, and so does the end of an AUTH exchange; the end of a chunk leads to
 * `chunks`, that of a refused one back to where BDAT was said.
 */

export type SmtpServerState =
  | 'connected'
  | 'greeted'
  | 'mail'
  | 'rcpt'
  | 'content'
  | 'chunk'
  | 'chunks'
  | 'refused'
  | 'auth'
  | 'tls'
  | 'closed';

/** Every command the engine knows. */
export type SmtpVerb =
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BDAT'
  | 'RSET'
  | 'NOOP'
  | 'VRFY'
  | 'HELP'
  | 'QUIT';

/** States in which commands are read. */
export type CommandState = 'connected' | 'greeted' | 'mail' | 'rcpt' | 'chunks';

type CommandRow = Readonly<Partial<Record<SmtpVerb, SmtpServerState>>>;

export const COMMAND_TRANSITIONS: Readonly<Record<CommandState, CommandRow>> = {
  connected: {
    EHLO: 'greeted',
    HELO: 'greeted',
    RSET: 'connected',
    NOOP: 'connected',
    VRFY: 'connected',
    HELP: 'connected',
    QUIT: 'closed',
  },
  greeted: {
    EHLO: 'greeted',
    HELO: 'greeted',
    STARTTLS: 'tls',
    AUTH: 'auth',
    MAIL: 'mail',
    RSET: 'greeted',
    NOOP: 'greeted',
    VRFY: 'greeted',
    HELP: 'greeted',
    QUIT: 'closed',
  },
  mail: {
    EHLO: 'greeted',
    HELO: 'greeted',
    RCPT: 'rcpt',
    RSET: 'greeted',
    NOOP: 'mail',
    VRFY: 'mail',
    HELP: 'mail',
    QUIT: 'closed',
  },
  rcpt: {
    EHLO: 'greeted',
    HELO: 'greeted',
    RCPT: 'rcpt',
    DATA: 'content',
    BDAT: 'chunk',
    RSET: 'greeted',
    NOOP: 'rcpt',
    VRFY: 'rcpt',
    HELP: 'rcpt',
    QUIT: 'closed',
  },
  chunks: {
    EHLO: 'greeted',
    HELO: 'greeted',
    BDAT: 'chunk',
    RSET: 'greeted',
    NOOP: 'chunks',
    VRFY: 'chunks',
    HELP: 'chunks',
    QUIT: 'closed',
  },
};

const VERB_NAMES: readonly SmtpVerb[] = [
  'EHLO',
  'HELO',
  'STARTTLS',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'NOOP',
  'VRFY',
  'HELP',
  'QUIT',
];
const VERBS: ReadonlyMap<string, SmtpVerb> = new Map(VERB_NAMES.map((verb) => [verb, verb]));

/** The command of that name, in upper case; undefined for one the engine does not know. */
export function knownVerb(name: string): SmtpVerb | undefined {
  return VERBS.get(name);
}

/** True in states that read commands. */
export function isCommandState(state: SmtpServerState): state is CommandState {
  return (
    state === 'greeted' || state === 'mail' || state === 'rcpt' || state === 'chunks' || state === 'connected'
  );
}

/** What the session is doing, for whoever sets time-outs. */
export type SmtpServerPhase = 'command' | 'content' | 'answer' | 'tls' | 'closed';

/** What each state is to whoever sets time-outs, while no answer is due. */
export const PHASES: Readonly<Record<SmtpServerState, SmtpServerPhase>> = {
  connected: 'command',
  greeted: 'command',
  mail: 'command',
  rcpt: 'command',
  content: 'content',
  chunk: 'content',
  chunks: 'command',
  // Nobody waits for it: pieces of it are no progress.
  refused: 'command',
  auth: 'command',
  tls: 'tls',
  closed: 'closed',
};

/** True from the positive answer to MAIL to the end of content. */
export function isTransactionOpen(state: SmtpServerState): boolean {
  return state === 'mail' || state === 'rcpt' || state === 'chunks';
}

/** True in states that read bytes, not lines. */
export function isContentState(state: SmtpServerState): boolean {
  return state === 'content' || state === 'chunk' || state === 'refused';
}
