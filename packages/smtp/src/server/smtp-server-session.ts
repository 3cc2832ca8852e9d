/**
 * One SMTP session as a server sees it (RFC 5321), without I/O: bytes go in by `receive`, events come
 * out of `nextEvent`, text to be sent out of `takeOutput`.
 *
 * The engine works when it is asked for the next event, and only as far as to find one. While a
 * question is open it reads nothing, so pipelined commands (RFC 2920) wait in order, and the replies to
 * all that could be answered leave in one piece. What may happen when stands in `server-state.ts`.
 *
 * Time-outs, the number of connections and failed logins are the caller's. The caller also bounds what
 * waits here: it hands in no more bytes while a question is open than it is ready to keep.
 */
import { SmtpProtocolError } from '../errors.ts';
import { ByteQueue } from '../grammar/byte-queue.ts';
import { type ChunkCommand, parseChunkCommand } from '../grammar/chunk-command.ts';
import {
  type CommandFault,
  type CommandLine,
  parseCommand,
  parseCommandLine,
} from '../grammar/command-line.ts';
import type { ContentFault } from '../grammar/content-fault.ts';
import { type ContentLimits, ContentReader } from '../grammar/content-reader.ts';
import { replyClass } from '../grammar/enhanced-status.ts';
import { Fifo } from '../grammar/fifo.ts';
import { formatReplyText } from '../grammar/format-reply.ts';
import { LineReader } from '../grammar/line-reader.ts';
import { printableText } from '../grammar/printable-text.ts';
import type { SmtpReply } from '../grammar/reply.ts';
import { decodeUtf8 } from '../grammar/text-codec.ts';
import { type AuthExchange, type AuthStep, beginAuth } from './auth-exchange.ts';
import { type ExtensionOffer, NOTHING_OFFERED, offerExtensions, offerLines } from './extension-offer.ts';
import { IncomingChunks } from './incoming-chunks.ts';
import { OpenEnvelope } from './open-envelope.ts';
import { RefusedChunk } from './refused-chunk.ts';
import type { CloseEvent, SmtpServerEvent } from './server-event.ts';
import type { SmtpServerOptions } from './server-options.ts';
import * as replies from './server-reply.ts';
import {
  COMMAND_TRANSITIONS,
  type CommandState,
  isCommandState,
  isContentState,
  isTransactionOpen,
  knownVerb,
  PHASES,
  type SmtpServerPhase,
  type SmtpServerState,
  type SmtpVerb,
} from './server-state.ts';

/** RFC 5321 §4.5.3.1.4 wants 512 at least; parameters of extensions add to it. */
const DEFAULT_MAX_COMMAND_LINE_BYTES = 4_096;
/** RFC 4954 §4.3. */
const DEFAULT_MAX_AUTH_LINE_BYTES = 12_288;
/** A line that goes on so far is a flood, not a mistake: the session ends instead of reading to its end. */
const ENDLESS_LINE_BYTES = 65_536;
const DEFAULT_MAX_ERRORS = 20;
/** What of the argument of EHLO is shown (RFC 5321 §4.5.3.1.2). */
const MAX_HELLO_LENGTH = 255;
const AUTH_PREFIX = 'AUTH ';
const CHUNK_PREFIX = 'BDAT';
/** What every server reads (RFC 5321 §4.5.3.1.4). */
const USUAL_LINE_BYTES = 512;
const NOTHING = new Uint8Array();

/** What the engine waits for; named like the event that asked. */
type Question = 'auth' | 'mail' | 'rcpt' | 'data' | 'content-end';

export class SmtpServerSession {
  readonly #options: SmtpServerOptions;
  readonly #maxErrors: number;
  /** No limit of a line is below what is read at once. */
  readonly #hasUsualLimit: boolean;
  readonly #input = new ByteQueue();
  readonly #events = new Fifo<SmtpServerEvent>();
  #lines: LineReader;
  #output = '';
  #state: SmtpServerState = 'connected';
  /** Defined from the event that asks to the answer. */
  #question: Question | undefined;
  #isTls: boolean;
  #isAuthenticated: boolean = false;
  #hasGreeted: boolean = false;
  #errors = 0;
  /** What the last EHLO offered; nothing before it and after HELO. */
  #offer: ExtensionOffer = NOTHING_OFFERED;
  /** Defined in state `auth`. */
  #auth: AuthExchange | undefined;
  /** Defined in state `content`. */
  #content: ContentReader | undefined;
  /** Content that comes by BDAT; defined from the first chunk accepted to the end of the content. */
  #chunks: IncomingChunks | undefined;
  /** The first BDAT of a message, while `data` is asked for its sake. */
  #firstChunk: ChunkCommand | undefined;
  /** Defined in state `refused`. */
  #refused: RefusedChunk | undefined;
  /** Of the open transaction; meaningless in other states than its own. */
  readonly #envelope: OpenEnvelope;

  constructor(options: SmtpServerOptions) {
    this.#options = options;
    this.#maxErrors = options.maxErrors ?? DEFAULT_MAX_ERRORS;
    this.#hasUsualLimit = (options.maxCommandLineBytes ?? DEFAULT_MAX_COMMAND_LINE_BYTES) >= USUAL_LINE_BYTES;
    this.#isTls = options.isTls ?? false;
    this.#envelope = new OpenEnvelope(options);
    this.#lines = this.#newLineReader();
  }

  get phase(): SmtpServerPhase {
    if (this.#state === 'closed') return 'closed';
    if (this.#question !== undefined) return 'answer';
    return PHASES[this.#state];
  }

  /** Puts the greeting into the output (RFC 5321 §4.3.1). Once, before anything else. */
  greet(): void {
    if (this.#hasGreeted) throw misuse('The session was greeted already.');
    this.#hasGreeted = true;
    this.#say(replies.greeting(this.#options.hostname));
  }

  /** Takes bytes from the transport. They are kept as a view until read; nothing is done with them yet. */
  receive(bytes: Uint8Array): void {
    if (this.#state !== 'closed') this.#input.push(bytes);
  }

  /** The next event, if what was received leads to one and no answer is due. */
  nextEvent(): SmtpServerEvent | undefined {
    while (this.#events.isEmpty && this.#advance()) {
      // Each turn reads a line or a piece of content.
    }
    return this.#events.shift();
  }

  /**
   * Answers the question that is open. A reply of 421 ends the session. Throws `SMTP_ENGINE_MISUSE`
   * when nothing was asked or the reply does not fit.
   */
  answer(reply: SmtpReply): void {
    const question = this.#question;
    if (question === undefined) throw misuse('An answer was given to no question.');
    const isPositive = this.#isPositive(question, reply);
    this.#question = undefined;
    if (reply.code === 421) this.#closeWith(reply, 'shutdown');
    else this.#follow(question, reply, isPositive);
  }

  /** What is to be sent, once, as ASCII text; undefined when there is nothing. */
  takeOutput(): string | undefined {
    if (this.#output === '') return undefined;
    const text = this.#output;
    this.#output = '';
    return text;
  }

  /** After the event `starttls`: the transport is TLS now, and the session begins anew (RFC 3207 §4.2). */
  tlsStarted(): void {
    if (this.#state !== 'tls') throw misuse('TLS was started without STARTTLS.');
    this.#isTls = true;
    this.#isAuthenticated = false;
    this.#offer = NOTHING_OFFERED;
    this.#lines = this.#newLineReader();
    this.#state = 'connected';
  }

  /** Ends the session with a last reply, whatever it is doing; what was received and not read is dropped. */
  shutdown(reply: SmtpReply): void {
    if (this.#state === 'closed') return;
    this.#events.clear();
    if (this.#state === 'tls') this.#close('shutdown');
    else this.#closeWith(reply, 'shutdown');
  }

  /** Reads one line or one piece of content. False = nothing more can be done now. */
  #advance(): boolean {
    if (this.#input.isEmpty || this.#question !== undefined || this.#state === 'closed') return false;
    if (this.#state === 'tls') this.#refuseAndClose(replies.STARTTLS_INJECTION, 'starttls-injection');
    else if (isContentState(this.#state)) this.#readBytes(this.#input.peek() ?? NOTHING);
    else this.#readLine();
    return true;
  }

  /** Content of either kind, or a refused chunk. */
  #readBytes(bytes: Uint8Array): void {
    if (this.#content !== undefined) this.#readContent(this.#content, bytes);
    else if (this.#state === 'chunk' && this.#chunks !== undefined) this.#readChunk(this.#chunks, bytes);
    else if (this.#refused !== undefined) this.#skipChunk(this.#refused, bytes);
  }

  #readLine(): void {
    const mayBePlain = this.#hasUsualLimit && !this.#lines.isInLine;
    const line = mayBePlain ? this.#input.takePlainLine() : undefined;
    if (line === undefined) this.#readAnyLine(this.#input.peek() ?? NOTHING);
    else if (this.#auth !== undefined) this.#followAuth(this.#auth.respond(line));
    else this.#handleCommand(parseCommand(line), line);
  }

  #readAnyLine(bytes: Uint8Array): void {
    const read = this.#lines.read(bytes);
    this.#input.skip(read.consumed);
    if (read.kind === 'line') this.#handleLine(read.line);
    else if (read.kind === 'fault' && read.fault === 'too-long') this.#refuseLine();
    else if (read.kind === 'fault' && read.fault === 'endless')
      this.#refuseAndClose(replies.LINE_TOO_LONG, 'endless-line');
    else if (read.kind === 'fault') this.#refuseAndClose(replies.BARE_NEWLINE, 'bare-newline');
  }

  #handleLine(line: Uint8Array): void {
    if (this.#auth !== undefined) this.#handleAuthResponse(this.#auth, line);
    else if (!this.#isTooLong(line)) this.#handleCommand(parseCommandLine(line), line);
    else if (beginsWith(CHUNK_PREFIX, line)) this.#refuseAndClose(replies.BAD_CHUNK, 'bad-chunk-size');
    else this.#refuseLine();
  }

  /** The line reader lets pass what AUTH may have; every other command has less. */
  #isTooLong(line: Uint8Array): boolean {
    if (line.length + 2 <= (this.#options.maxCommandLineBytes ?? DEFAULT_MAX_COMMAND_LINE_BYTES))
      return false;
    const maxAuthLineBytes = this.#options.maxAuthLineBytes ?? DEFAULT_MAX_AUTH_LINE_BYTES;
    return !beginsWith(AUTH_PREFIX, line) || line.length + 2 > maxAuthLineBytes;
  }

  #refuseLine(): void {
    this.#endAuth();
    this.#refuse(replies.LINE_TOO_LONG);
  }

  #handleCommand(command: CommandLine, line: Uint8Array | string): void {
    if (command.kind === 'fault') {
      this.#refuseFault(command.fault, line);
      return;
    }
    const verb = knownVerb(command.verb);
    const state = this.#state;
    if (verb === undefined || !isCommandState(state)) this.#refuse(replies.UNKNOWN_COMMAND);
    else if (verb === 'BDAT') this.#bdat(command.argument, state);
    else this.#run(verb, command.argument, state);
  }

  /** What may be a BDAT and cannot be read has content behind it that nobody can measure. */
  #refuseFault(fault: CommandFault, line: Uint8Array | string): void {
    if (beginsWith(CHUNK_PREFIX, line)) this.#refuseAndClose(replies.BAD_CHUNK, 'bad-chunk-size');
    else this.#refuse(fault === 'no-verb' ? replies.NO_COMMAND : replies.BAD_CHARACTERS);
  }

  #run(verb: Exclude<SmtpVerb, 'BDAT'>, argument: string, state: CommandState): void {
    const next = COMMAND_TRANSITIONS[state][verb];
    const unavailable = this.#unavailable(verb);
    const refusal = unavailable ?? refuseArgument(verb, argument);
    if (next === undefined) this.#refuse(unavailable ?? this.#outOfSequence(state, verb));
    else if (refusal !== undefined) this.#refuse(refusal);
    else this.#execute(verb, argument, next);
  }

  /** Commands that exist only when their extension is switched on. */
  #unavailable(verb: SmtpVerb): replies.Refusal | undefined {
    if (verb === 'AUTH' && (this.#options.auth ?? []).length === 0) return replies.AUTH_NOT_AVAILABLE;
    if (verb === 'BDAT' && this.#options.isChunkingOffered !== true) return replies.BDAT_NOT_AVAILABLE;
    const isStartTls = verb === 'STARTTLS' && this.#options.isStartTlsOffered !== true;
    return isStartTls ? replies.STARTTLS_NOT_AVAILABLE : undefined;
  }

  #outOfSequence(state: CommandState, verb: SmtpVerb): replies.Refusal {
    const isContent = verb === 'DATA' || verb === 'BDAT';
    return isContent && state === 'mail' && this.#envelope.hasRefusedRecipient
      ? replies.NO_VALID_RECIPIENTS
      : replies.outOfSequence(state, verb);
  }

  #execute(verb: Exclude<SmtpVerb, 'BDAT'>, argument: string, next: SmtpServerState): void {
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        this.#hello(verb, argument, next);
        return;
      case 'STARTTLS':
        this.#startTls(next);
        return;
      case 'AUTH':
        this.#authenticate(argument);
        return;
      case 'MAIL':
        this.#mail(argument);
        return;
      case 'RCPT':
        this.#rcpt(argument);
        return;
      case 'DATA':
        this.#ask({ kind: 'data' });
        return;
      case 'RSET':
        this.#reset(next);
        this.#say(replies.RESET_DONE);
        return;
      case 'NOOP':
        this.#say(replies.NOOP_DONE);
        return;
      case 'VRFY':
        this.#say(replies.VERIFY_UNSAID);
        return;
      case 'HELP':
        this.#say(replies.HELP_TEXT);
        return;
      case 'QUIT':
        this.#closeWith(replies.goodbye(this.#options.hostname), 'quit');
        return;
    }
  }

  #hello(verb: 'EHLO' | 'HELO', argument: string, next: SmtpServerState): void {
    this.#reset(next);
    const { hostname } = this.#options;
    this.#offer = verb === 'EHLO' ? offerExtensions(this.#options, this.#isTls) : NOTHING_OFFERED;
    this.#say({ code: 250, lines: [hostname, ...offerLines(this.#offer)] });
    this.#events.push({ kind: 'hello', verb, domain: printableText(argument, MAX_HELLO_LENGTH) });
  }

  /** Drops the transaction, if there is one. */
  #reset(next: SmtpServerState): void {
    if (isTransactionOpen(this.#state)) this.#events.push({ kind: 'reset' });
    this.#chunks = undefined;
    this.#state = next;
  }

  #startTls(next: SmtpServerState): void {
    if (this.#isTls) {
      this.#refuse(replies.STARTTLS_NOT_AVAILABLE);
    } else if (!this.#input.isEmpty) {
      this.#refuseAndClose(replies.STARTTLS_INJECTION, 'starttls-injection');
    } else {
      this.#say(replies.TLS_GO_AHEAD);
      this.#state = next;
      this.#events.push({ kind: 'starttls' });
    }
  }

  #authenticate(argument: string): void {
    const refusal = this.#authRefusal();
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    const begun = beginAuth(argument, this.#options.auth ?? []);
    if ('refusal' in begun) {
      this.#refuse(begun.refusal);
      return;
    }
    this.#auth = begun.exchange;
    this.#state = 'auth';
    this.#followAuth(begun.step);
  }

  #authRefusal(): replies.Refusal | undefined {
    if (this.#options.isAuthOnlyWithTls === true && !this.#isTls) return replies.AUTH_NEEDS_TLS;
    if (!this.#offer.has('AUTH')) return replies.EXTENSION_NEEDS_EHLO;
    return this.#isAuthenticated ? replies.AUTH_TWICE : undefined;
  }

  #handleAuthResponse(exchange: AuthExchange, line: Uint8Array): void {
    const text = decodeUtf8(line);
    const malformed: AuthStep = { kind: 'refused', refusal: replies.AUTH_MALFORMED };
    this.#followAuth(text === undefined ? malformed : exchange.respond(text));
  }

  #followAuth(step: AuthStep): void {
    switch (step.kind) {
      case 'challenge':
        this.#say({ code: 334, lines: [step.text] });
        return;
      case 'credentials':
        this.#endAuth();
        this.#ask({ kind: 'auth', mechanism: step.mechanism, ...step.credentials });
        return;
      case 'refused':
        this.#endAuth();
        this.#refuse(step.refusal);
        return;
    }
  }

  #endAuth(): void {
    if (this.#state !== 'auth') return;
    this.#auth = undefined;
    this.#state = 'greeted';
  }

  #mail(argument: string): void {
    if (this.#options.isAuthRequired === true && !this.#isAuthenticated) {
      this.#refuse(replies.AUTH_REQUIRED);
      return;
    }
    const step = this.#envelope.mail(argument, this.#offer);
    if (step.kind === 'ask') this.#ask(step.event);
    else this.#refuse(step.refusal);
  }

  #rcpt(argument: string): void {
    const step = this.#envelope.rcpt(argument, this.#offer);
    if (step.kind === 'ask') this.#ask(step.event);
    else if (step.refusal === replies.TOO_MANY_RECIPIENTS) this.#putOff(step.refusal);
    else this.#refuse(step.refusal);
  }

  #readContent(reader: ContentReader, bytes: Uint8Array): void {
    const read = reader.read(bytes);
    this.#input.skip(read.consumed);
    if (read.content.length > 0) this.#events.push({ kind: 'content', bytes: read.content });
    if (read.isEnd) this.#askEnd(reader);
  }

  #askEnd({ sizeBytes, fault }: ContentReader | IncomingChunks): void {
    if (fault === undefined) this.#ask({ kind: 'content-end', sizeBytes });
    else this.#ask({ kind: 'content-end', sizeBytes, fault });
  }

  /** bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CRLF, content right behind it (RFC 3030 §2) */
  #bdat(argument: string, state: CommandState): void {
    const chunk = parseChunkCommand(argument);
    if (chunk === undefined) {
      this.#refuseAndClose(replies.BAD_CHUNK, 'bad-chunk-size');
      return;
    }
    const refusal = this.#refusalOfChunk(state);
    if (refusal !== undefined) {
      this.#refuseChunk(chunk, state, refusal);
    } else if (this.#chunks !== undefined) {
      this.#chunks.begin(chunk);
      this.#enterChunk(this.#chunks, chunk);
    } else {
      this.#firstChunk = chunk;
      this.#ask({ kind: 'data' });
    }
  }

  #refusalOfChunk(state: CommandState): replies.Refusal | undefined {
    const unavailable = this.#unavailable('BDAT');
    if (unavailable !== undefined) return unavailable;
    if (COMMAND_TRANSITIONS[state].BDAT === undefined) return this.#outOfSequence(state, 'BDAT');
    return this.#offer.has('CHUNKING') ? undefined : replies.EXTENSION_NEEDS_EHLO;
  }

  /** The caller's word on the first chunk. Without it no later chunk may count: the message would lack a part. */
  #followFirstChunk(chunk: ChunkCommand, reply: SmtpReply, isPositive: boolean): void {
    this.#firstChunk = undefined;
    if (isPositive) {
      this.#chunks = new IncomingChunks(this.#contentLimits(), chunk);
      this.#enterChunk(this.#chunks, chunk);
    } else {
      this.#reset('greeted');
      this.#refuseChunk(chunk, 'greeted', reply);
    }
  }

  #enterChunk(chunks: IncomingChunks, { sizeBytes }: ChunkCommand): void {
    this.#state = 'chunk';
    if (sizeBytes === 0) this.#endChunk(chunks);
  }

  #readChunk(chunks: IncomingChunks, bytes: Uint8Array): void {
    const read = chunks.read(bytes);
    this.#input.skip(read.consumed);
    if (read.content.length > 0) this.#events.push({ kind: 'content', bytes: read.content });
    if (read.isEnd) this.#endChunk(chunks);
  }

  #endChunk(chunks: IncomingChunks): void {
    const { isContentEnd, sizeBytes } = chunks.end();
    if (isContentEnd) {
      this.#askEnd(chunks);
      return;
    }
    this.#state = 'chunks';
    this.#say(replies.chunkTaken(sizeBytes));
  }

  /** More bytes than any message may have are not waited for. */
  #refuseChunk(chunk: ChunkCommand, state: CommandState, answer: RefusedChunk['answer']): void {
    if (chunk.sizeBytes > (this.#options.maxMessageBytes ?? Number.POSITIVE_INFINITY)) {
      this.#refuseAndClose(replies.DECLARED_SIZE_EXCEEDED, 'bad-chunk-size');
      return;
    }
    this.#refused = new RefusedChunk(chunk.sizeBytes, state, answer);
    this.#state = 'refused';
    if (this.#refused.isOver) this.#endRefusedChunk(this.#refused);
  }

  #skipChunk(refused: RefusedChunk, bytes: Uint8Array): void {
    this.#input.skip(refused.skip(bytes));
    if (refused.isOver) this.#endRefusedChunk(refused);
  }

  #endRefusedChunk({ state, answer }: RefusedChunk): void {
    this.#refused = undefined;
    this.#state = state;
    if ('reply' in answer) this.#refuse(answer);
    else this.#say(answer);
  }

  #ask(event: SmtpServerEvent & { readonly kind: Question }): void {
    this.#question = event.kind;
    this.#events.push(event);
  }

  /** DATA is answered by 354 or refused; everything else by 2xx or refused. */
  #isPositive(question: Question, reply: SmtpReply): boolean {
    const kind = replyClass(reply.code);
    const isIntermediate = kind === 'positive-intermediate';
    if (kind === undefined || (isIntermediate && question !== 'data')) {
      throw misuse(`${reply.code} is no answer to ${question}.`);
    }
    return isIntermediate || kind === 'positive-completion';
  }

  #follow(question: Question, reply: SmtpReply, isPositive: boolean): void {
    switch (question) {
      case 'data':
        if (this.#firstChunk !== undefined) this.#followFirstChunk(this.#firstChunk, reply, isPositive);
        else if (isPositive) this.#startContent(reply);
        else this.#say(reply);
        return;
      case 'content-end':
        this.#endContent(reply, isPositive);
        return;
      case 'auth':
        this.#isAuthenticated ||= isPositive;
        break;
      case 'mail':
        if (isPositive) this.#state = 'mail';
        break;
      case 'rcpt':
        this.#envelope.answered(isPositive);
        if (isPositive) this.#state = 'rcpt';
        break;
    }
    this.#say(reply);
  }

  #startContent(reply: SmtpReply): void {
    this.#content = new ContentReader(this.#contentLimits());
    this.#state = 'content';
    this.#say(reply.code === 354 ? reply : replies.DEFAULT_START_CONTENT);
  }

  #contentLimits(): ContentLimits {
    const { maxMessageBytes, isEightBitDeclared } = this.#options;
    const isEightBitAllowed = isEightBitDeclared !== true || this.#envelope.isEightBitDeclared;
    return { isEightBitAllowed, maxContentBytes: maxMessageBytes };
  }

  /** Content with a fault is refused whatever the caller said. */
  #endContent(reply: SmtpReply, isPositive: boolean): void {
    const fault = (this.#content ?? this.#chunks)?.fault;
    this.#content = undefined;
    this.#chunks = undefined;
    this.#state = 'greeted';
    if (fault === undefined) {
      if (isPositive) this.#errors = 0;
      this.#say(reply);
    } else if (isSmuggling(fault)) {
      this.#closeWith(replies.CONTENT_FAULT_REPLIES[fault], 'bad-content');
    } else {
      this.#say(replies.CONTENT_FAULT_REPLIES[fault]);
    }
  }

  #refuse(refusal: replies.Refusal): void {
    this.#reportRefusal(refusal);
    this.#errors += 1;
    if (this.#errors < this.#maxErrors) {
      this.#say(refusal.reply);
      return;
    }
    const reply = replies.tooManyErrors(this.#options.hostname);
    this.#reportRefusal({ code: 'SMTP_TOO_MANY_ERRORS', reply });
    this.#closeWith(reply, 'too-many-errors');
  }

  /** Refused without being a mistake: a client may send more recipients than fit (RFC 5321 §4.5.3.1.10). */
  #putOff(refusal: replies.Refusal): void {
    this.#reportRefusal(refusal);
    this.#say(refusal.reply);
  }

  #refuseAndClose(refusal: replies.Refusal, reason: CloseEvent['reason']): void {
    this.#reportRefusal(refusal);
    this.#closeWith(refusal.reply, reason);
  }

  #reportRefusal({ code, reply }: replies.Refusal): void {
    const message = `Client was answered ${formatReplyText(reply).trimEnd()}.`;
    this.#events.push({ kind: 'protocol-error', code, message });
  }

  #closeWith(reply: SmtpReply, reason: CloseEvent['reason']): void {
    this.#say(reply);
    this.#close(reason);
  }

  #close(reason: CloseEvent['reason']): void {
    this.#state = 'closed';
    this.#question = undefined;
    this.#auth = undefined;
    this.#content = undefined;
    this.#chunks = undefined;
    this.#firstChunk = undefined;
    this.#refused = undefined;
    this.#input.clear();
    this.#events.push({ kind: 'close', reason });
  }

  #say(reply: SmtpReply): void {
    this.#output += formatReplyText(reply);
  }

  #newLineReader(): LineReader {
    const { maxAuthLineBytes, maxCommandLineBytes } = this.#options;
    const authBytes = maxAuthLineBytes ?? DEFAULT_MAX_AUTH_LINE_BYTES;
    const longest = Math.max(authBytes, maxCommandLineBytes ?? DEFAULT_MAX_COMMAND_LINE_BYTES);
    return new LineReader(longest, Math.max(longest, ENDLESS_LINE_BYTES));
  }
}

/** True when the line begins with the word, in upper or lower case. */
function beginsWith(word: string, line: Uint8Array | string): boolean {
  const head =
    typeof line === 'string'
      ? line.slice(0, word.length)
      : String.fromCharCode(...line.subarray(0, word.length));
  return head.toUpperCase() === word;
}

/** Commands with an argument that must, or must not, be there (RFC 5321 §4.1.1). */
function refuseArgument(verb: SmtpVerb, argument: string): replies.Refusal | undefined {
  switch (verb) {
    case 'EHLO':
    case 'HELO':
    case 'AUTH':
    case 'VRFY':
      return argument === '' ? replies.ARGUMENT_MISSING : undefined;
    case 'STARTTLS':
    case 'DATA':
    case 'RSET':
    case 'QUIT':
      return argument === '' ? undefined : replies.ARGUMENT_UNEXPECTED;
    default:
      return undefined;
  }
}

/** A client that writes other line ends may be made to write a second message: nothing more is read from it. */
function isSmuggling(fault: ContentFault): boolean {
  return fault === 'bare-cr' || fault === 'bare-lf';
}

function misuse(message: string): SmtpProtocolError {
  return new SmtpProtocolError('SMTP_ENGINE_MISUSE', message);
}
