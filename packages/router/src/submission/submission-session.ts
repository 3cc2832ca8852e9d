/**
 * What one client session may do: AUTH, who may send, limits, and turning a mail transaction into a
 * `Message`. The message is given to the intake; whatever comes of it, its body is released and the
 * client gets exactly one reply.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { AuthEvent, ContentEndEvent, MailEvent, RcptEvent } from '@smtp-router/smtp/server';
import type { Clock } from '../clock.ts';
import type { MessageIntake } from '../delivery/message-intake.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { AuthenticationEnded } from '../events/router-event.ts';
import type { Answer, ConnectionFacts, SessionHandler } from '../listener/session-handler.ts';
import { isInternationalized } from '../message/internationalized.ts';
import type { Envelope, Message, SessionFacts } from '../message/message.ts';
import { formatTraceHeader } from '../message/trace-header.ts';
import type { LoginVerdict } from './authenticator.ts';
import { ContentCollector } from './content-collector.ts';
import { isMailLoop } from './mail-loop.ts';
import { OpenTransaction } from './open-transaction.ts';
import { DEFAULT_RECEIVED_FIELDS, type SubmissionOptions } from './submission-options.ts';
import * as replies from './submission-reply.ts';

/** Failed authentications after which the connection ends. */
const MAX_AUTH_FAILURES = 3;

/** What all sessions of one listener share. */
export interface SubmissionContext {
  readonly options: SubmissionOptions;
  readonly intake: MessageIntake;
  readonly events: EventSink;
  readonly clock: Clock;
}

/** Handler of one session. */
export class SubmissionSession implements SessionHandler {
  readonly #context: SubmissionContext;
  readonly #connection: ConnectionFacts;
  /** Whom mail without AUTH is sent under; undefined where that is not allowed. */
  readonly #anonymousUser: string | undefined;
  #isTls: boolean;
  /** Whom mail is sent under; undefined = nobody yet, so no mail. Set by AUTH or by the client's network. */
  #user: string | undefined;
  #isAuthenticated = false;
  #authFailures = 0;
  #helo = '';
  #isEsmtp = false;
  /** What messages say of the session; made anew when something of it changed. */
  #facts: SessionFacts | undefined;
  /** Defined from the positive answer to MAIL to the end of the transaction. */
  #transaction: OpenTransaction | undefined;
  /** Defined from the positive answer to DATA to the end of data. */
  #content: ContentCollector | undefined;
  #messages = 0;

  constructor(context: SubmissionContext, connection: ConnectionFacts, anonymousUser: string | undefined) {
    this.#context = context;
    this.#connection = connection;
    this.#anonymousUser = anonymousUser;
    this.#user = anonymousUser;
    this.#isTls = connection.isTls;
  }

  /** Failed logins stay counted: they are no knowledge the client gave us. */
  tlsStarted(): void {
    this.#isTls = true;
    this.#user = this.#anonymousUser;
    this.#isAuthenticated = false;
    this.#helo = '';
    this.#isEsmtp = false;
    this.#facts = undefined;
    this.#endTransaction();
  }

  hello(domain: string, verb: 'EHLO' | 'HELO'): void {
    this.#helo = domain;
    this.#isEsmtp = verb === 'EHLO';
    this.#facts = undefined;
    this.#endTransaction();
  }

  auth(event: AuthEvent): Answer {
    const { authenticator, brake } = this.#context.options;
    const { clientAddress } = this.#connection;
    if (brake?.mayTry(clientAddress, event.username) === false) return this.#authNotTried(event);
    try {
      const verdict = authenticator.authenticate(event.username, event.password, clientAddress);
      if (!(verdict instanceof Promise)) return this.#authEnded(event, verdict);
      return verdict.then(
        (late) => this.#authEnded(event, late),
        (error: unknown) => this.#authFailed(error),
      );
    } catch (error) {
      return this.#authFailed(error);
    }
  }

  mail(event: MailEvent): Answer {
    if (this.#user === undefined) return this.#strangerRefused();
    if ((event.declaredSizeBytes ?? 0) > this.#context.options.limits.messageSizeBytes) {
      return replies.MESSAGE_TOO_LARGE;
    }
    const refusal = this.#context.options.senders?.refusalOfReversePath(
      this.#user,
      event.reversePath.address,
    );
    if (refusal !== undefined) return refusal;
    this.#transaction = new OpenTransaction(event);
    return replies.SENDER_OK;
  }

  #strangerRefused(): SmtpReply {
    const { isAuthOffered, isAuthOnlyWithTls } = this.#context.options;
    if (!isAuthOffered) return replies.CLIENT_NOT_ALLOWED;
    return isAuthOnlyWithTls === true && !this.#isTls ? replies.TLS_REQUIRED : replies.AUTH_REQUIRED;
  }

  rcpt(event: RcptEvent): Answer {
    const { recipients, recipientsByUser } = this.#context.options.limits;
    const userLimit = recipientsByUser?.get(this.#user ?? '') ?? recipients;
    const isAdded = this.#transaction?.addRecipient(event, Math.min(recipients, userLimit)) ?? false;
    return isAdded ? replies.RECIPIENT_OK : replies.TOO_MANY_RECIPIENTS;
  }

  data(): Answer {
    const { limits, storage } = this.#context.options;
    this.#content = new ContentCollector(limits.messageSizeBytes, storage);
    return storage?.budget.room()?.then(() => replies.START_CONTENT) ?? replies.START_CONTENT;
  }

  content(bytes: Uint8Array): void | Promise<void> {
    return this.#content?.append(bytes);
  }

  contentEnd(event: ContentEndEvent): Answer {
    const content = this.#content;
    const transaction = this.#transaction;
    const user = this.#user;
    this.#content = undefined;
    this.#endTransaction();
    if (content === undefined || transaction === undefined || user === undefined) {
      throw new Error('content ended outside of a mail transaction');
    }
    this.#messages += 1;
    const envelope = transaction.envelope();
    const draft: Draft = { id: `${this.#connection.sessionId}-${this.#messages}`, user, envelope, content };
    const refusal = this.#refusalOf(event, draft);
    if (refusal === undefined) return this.#submit(draft);
    content.release();
    this.#reportRefused(draft, refusal);
    return refusal;
  }

  reset(): void {
    this.#endTransaction();
  }

  protocolError(code: string, message: string): void {
    const { sessionId } = this.#connection;
    this.#context.events.emit({ kind: 'protocol-fault', sessionId, code, message });
  }

  closed(): void {
    this.#endTransaction();
  }

  /** Content that was not handed on is given up here: nothing else refers to it. */
  #endTransaction(): void {
    this.#transaction = undefined;
    this.#content?.release();
    this.#content = undefined;
  }

  #authEnded(event: AuthEvent, verdict: LoginVerdict): Answer {
    switch (verdict.kind) {
      case 'accepted':
        this.#reportLogin(event, { user: verdict.user, isAccepted: true });
        this.#user = verdict.user;
        this.#isAuthenticated = true;
        this.#facts = undefined;
        return replies.AUTH_ACCEPTED;
      case 'refused':
        this.#reportLogin(event, { isAccepted: false });
        return this.#authRefused(event);
      case 'busy':
        this.#reportLogin(event, { isAccepted: false, unchecked: 'busy' });
        return replies.AUTH_UNAVAILABLE;
    }
  }

  /** Refused late where guessing is braked. */
  #authRefused(event: AuthEvent): Answer {
    const refusal = this.#countFailure(replies.AUTH_REFUSED);
    const { options, clock } = this.#context;
    const delayMs = options.brake?.failed(this.#connection.clientAddress, event.username) ?? 0;
    if (delayMs === 0) return refusal;
    const { promise, resolve } = Promise.withResolvers<SmtpReply>();
    clock.schedule(delayMs, () => resolve(refusal));
    return promise;
  }

  #authNotTried(event: AuthEvent): SmtpReply {
    this.#reportLogin(event, { isAccepted: false, unchecked: 'guessing' });
    return this.#countFailure(replies.AUTH_UNAVAILABLE);
  }

  #countFailure(refusal: SmtpReply): SmtpReply {
    this.#authFailures += 1;
    return this.#authFailures < MAX_AUTH_FAILURES ? refusal : replies.AUTH_TOO_OFTEN;
  }

  #reportLogin(event: AuthEvent, result: LoginResult): void {
    this.#context.events.emit({
      kind: 'authentication-ended',
      sessionId: this.#connection.sessionId,
      clientAddress: this.#connection.clientAddress,
      user: claimedUser(event.username),
      mechanism: event.mechanism,
      ...result,
    });
  }

  #authFailed(error: unknown): SmtpReply {
    this.#context.events.emit({
      kind: 'internal-fault',
      where: `submission: checking a login of session ${this.#connection.sessionId}`,
      message: error instanceof Error ? error.name : 'unknown',
    });
    return replies.AUTH_UNAVAILABLE;
  }

  #refusalOf(event: ContentEndEvent, { content, user }: Draft): SmtpReply | undefined {
    if (event.fault !== undefined) return replies.CONTENT_FAULT_REPLIES[event.fault];
    if (content.isTooLarge) return replies.MESSAGE_TOO_LARGE;
    if (content.isFailed) return replies.NOT_STORED;
    const { limits, senders } = this.#context.options;
    const section = content.headerSection();
    if (isMailLoop(section, limits.receivedFields ?? DEFAULT_RECEIVED_FIELDS)) return replies.MAIL_LOOP;
    return senders?.refusalOfHeader(user, section);
  }

  async #submit(draft: Draft): Promise<SmtpReply> {
    const message = this.#message(draft);
    try {
      return await this.#context.intake.accept(message);
    } finally {
      message.body.release();
    }
  }

  #message(draft: Draft): Message {
    const session = this.#sessionFacts(draft.user);
    const receivedAt = this.#context.clock.wallTime();
    const traceHeader = formatTraceHeader({
      hostname: this.#context.options.hostname,
      messageId: draft.id,
      session,
      recipients: draft.envelope.forwardPaths,
      isSmtpUtf8: isInternationalized(draft.envelope),
      receivedAt,
    });
    return {
      id: draft.id,
      envelope: draft.envelope,
      body: draft.content.finish(traceHeader),
      session,
      receivedAt,
    };
  }

  /** The same object as long as nothing of it changes. */
  #sessionFacts(user: string): SessionFacts {
    const { sessionId, listener, clientAddress } = this.#connection;
    this.#facts ??= {
      sessionId,
      listener,
      clientAddress,
      helo: this.#helo,
      isTls: this.#isTls,
      isEsmtp: this.#isEsmtp,
      isAuthenticated: this.#isAuthenticated,
      user,
    };
    return this.#facts;
  }

  #reportRefused(draft: Draft, refusal: SmtpReply): void {
    this.#context.events.emit({
      kind: 'message-ended',
      sessionId: this.#connection.sessionId,
      messageId: draft.id,
      user: draft.user,
      mailFrom: draft.envelope.reversePath.address,
      recipients: draft.envelope.forwardPaths.map((recipient) => recipient.path.address),
      sizeBytes: draft.content.sizeBytes,
      result: refusal.code < 500 ? 'deferred' : 'failed',
      replyCode: refusal.code,
      replyText: refusal.lines.join(' '),
      durationMs: 0,
      attempts: [],
    });
  }
}

/** A mail transaction whose content has come. */
interface Draft {
  readonly id: string;
  readonly user: string;
  readonly envelope: Envelope;
  readonly content: ContentCollector;
}

/** What is told of a login beside who asked. */
type LoginResult = Pick<AuthenticationEnded, 'isAccepted' | 'unchecked'> &
  Partial<Pick<AuthenticationEnded, 'user'>>;

/** What is no address may be a password typed into the wrong field: it is not shown. */
function claimedUser(username: string): string {
  return username.includes('@') ? username.slice(0, 320) : '?';
}
