/**
 * Tries a downstream step by step as the router would use it, and tells of each step: name, TCP,
 * greeting, EHLO, TLS, login, sender. No message is sent: MAIL is taken back by RSET.
 *
 * The protocol engine decides what is said up to the login; a second reader of the same bytes shows
 * what was answered. A certificate that is not good is shown before it is refused.
 */
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { SessionFailedEvent, SmtpClientSession, SmtpPhase } from '@smtp-router/smtp/client';
import { formatPath, parseReversePath, ReplyReader, type SmtpReply } from '@smtp-router/smtp/grammar';
import { type Clock, systemClock } from '../clock.ts';
import { describeReply, printable } from '../message/reply-text.ts';
import { describeTls } from './certificate-report.ts';
import { CredentialMask } from './credential-mask.ts';
import type { DownstreamOptions } from './downstream-options.ts';
import { describeTlsFailure } from './opening-failure.ts';
import { phaseTimeout } from './phase-timer.ts';
import { createSession } from './session-opening.ts';
import { decideTlsPolicy, type TlsPolicy } from './tls-policy.ts';
import { TrialSocket } from './trial-socket.ts';
import type { TrialFailure, TrialStep, TrialStepName } from './trial-step.ts';
import { TrustedAuthorities } from './trusted-authorities.ts';

/** What is tried, and who is told. */
export interface TrialOptions {
  readonly downstream: DownstreamOptions;
  /** Address for MAIL; '' = the null reverse path. */
  readonly sender: string;
  readonly onStep: (step: TrialStep) => void;
}

/** True = every step went well. Never rejects for what a downstream does. */
export async function tryDownstream(options: TrialOptions): Promise<boolean> {
  const trial = new DownstreamTrial(options);
  try {
    return await trial.run();
  } finally {
    trial.close();
  }
}

/** Steps of the engine's phases. */
const PHASE_STEPS: Partial<Readonly<Record<SmtpPhase, TrialStepName>>> = {
  greeting: 'greeting',
  ehlo: 'ehlo',
  starttls: 'starttls',
  auth: 'auth',
};

class DownstreamTrial {
  readonly #options: TrialOptions;
  readonly #downstream: DownstreamOptions;
  readonly #clock: Clock;
  readonly #socket: TrialSocket;
  readonly #mask: CredentialMask;
  #replies = new ReplyReader();
  #lastReply: SmtpReply | undefined;
  #stepBeganAt: number;
  #isTls: boolean = false;

  constructor(options: TrialOptions) {
    this.#options = options;
    this.#downstream = options.downstream;
    this.#clock = options.downstream.clock ?? systemClock;
    this.#socket = new TrialSocket(this.#clock);
    this.#mask = new CredentialMask(options.downstream.credentials);
    this.#stepBeganAt = this.#clock.now();
  }

  close(): void {
    this.#socket.close();
  }

  async run(): Promise<boolean> {
    if (!(await this.#resolve()) || !(await this.#connect())) return false;
    const policy = decideTlsPolicy(this.#downstream, this.#socket.remoteAddress);
    if (!policy.isUsable) {
      const detail = 'would get its login unencrypted over a public network';
      return this.#failed('tls', { code: 'ROUTER_CLEARTEXT_AUTH_REFUSED', detail });
    }
    if (policy.isImplicit && !(await this.#secure(policy))) return false;
    this.#socket.listen();
    const session = createSession(this.#downstream, policy);
    return (await this.#open(session, policy)) && (await this.#offerSender());
  }

  async #resolve(): Promise<boolean> {
    const { host, timeouts } = this.#downstream;
    if (isIP(host) !== 0) return this.#passed('dns', `${host} is an address`);
    const found = await this.#socket.resolve(host, timeouts.connectMs);
    return 'detail' in found ? this.#failed('dns', found) : this.#passed('dns', found.join(', '));
  }

  async #connect(): Promise<boolean> {
    const failure = await this.#socket.connect(this.#downstream, this.#downstream.timeouts.connectMs);
    if (failure !== undefined) return this.#failed('connect', failure);
    return this.#passed('connect', `to ${this.#socket.remoteAddress} port ${this.#downstream.port}`);
  }

  async #secure(policy: TlsPolicy): Promise<boolean> {
    const { host, caFile, timeouts } = this.#downstream;
    let secureContext: Awaited<ReturnType<TrustedAuthorities['load']>>;
    try {
      secureContext = await new TrustedAuthorities(caFile).load();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.#failed('tls', { code: 'ROUTER_TLS_CA_UNREADABLE', detail: `ca_file: ${reason}` });
    }
    const socket = await this.#socket.secure({ host, isVerified: false, secureContext }, timeouts.tlsMs);
    if ('detail' in socket) return this.#failed('tls', socket);
    this.#isTls = true;
    return this.#judgeCertificate(socket, policy);
  }

  #judgeCertificate(socket: TLSSocket, { isVerified }: TlsPolicy): boolean {
    const found = printable(describeTls(socket, this.#clock.wallTime()));
    if (socket.authorized) return this.#passed('tls', `${found}; verified`);
    const { code, what } = describeTlsFailure(verificationError(socket), this.#downstream.host);
    if (isVerified) return this.#failed('tls', { code, detail: `${what}: ${found}` });
    return this.#passed('tls', `${found}; not verified, and need not be: it ${what}`);
  }

  /** From the greeting to the point where mail may be sent. */
  async #open(session: SmtpClientSession, policy: TlsPolicy): Promise<boolean> {
    for (;;) {
      const { phase } = session;
      const event = session.nextEvent();
      if (event?.kind === 'session-failed') return this.#sessionFailed(event, session);
      if (phase !== session.phase || event !== undefined) this.#phasePassed(phase, session);
      if (event?.kind === 'ready') return true;
      if (event?.kind === 'tls-wanted') {
        if (!(await this.#secure(policy))) return false;
        this.#replies = new ReplyReader();
        this.#socket.listen();
        session.tlsStarted();
      }
      const output = session.takeOutput();
      if (output !== undefined) this.#socket.write(output);
      else if (event === undefined && !(await this.#feed(session))) return false;
    }
  }

  /** EHLO may go well and show that what comes next cannot. */
  #sessionFailed({ phase, code, message, reply }: SessionFailedEvent, session: SmtpClientSession): false {
    const name = stepOfCode(code) ?? PHASE_STEPS[phase] ?? 'auth';
    if (phase === 'ehlo' && name !== 'ehlo') this.#phasePassed(phase, session);
    return this.#failed(name, { code, detail: reply === undefined ? message : describeReply(reply) });
  }

  /** Gives the engine the next bytes. */
  async #feed(session: SmtpClientSession): Promise<boolean> {
    const { phase } = session;
    const read = await this.#socket.read(phaseTimeout(phase, this.#downstream.timeouts));
    if (typeof read === 'string') return this.#failed(PHASE_STEPS[phase] ?? 'auth', silenceFailure(read));
    this.#replies.push(read);
    this.#takeReply();
    session.receive(read);
    return true;
  }

  #phasePassed(phase: SmtpPhase, session: SmtpClientSession): void {
    const name = PHASE_STEPS[phase];
    if (name === undefined) return;
    const reply = this.#lastReply;
    if (reply === undefined) return;
    const words = name === 'ehlo' ? reply.lines.slice(1).join(', ') || 'no extensions' : describeReply(reply);
    this.#passed(name, words);
    if (name !== 'ehlo' || session.phase === 'starttls') return;
    if (!this.#isTls) this.#passed('tls', 'none: everything is sent in clear');
    if (this.#downstream.credentials === undefined) this.#passed('auth', 'no login is configured');
  }

  async #offerSender(): Promise<boolean> {
    const path = parseReversePath(`<${this.#options.sender}>`);
    if (path === undefined) return this.#failed('mail', { detail: `${this.#options.sender} is no address` });
    const isTaken = await this.#ask('mail', `MAIL FROM:${formatPath(path)}`);
    const isReset = isTaken && (await this.#ask('rset', 'RSET'));
    if (isTaken) this.#socket.write('QUIT\r\n');
    return isReset;
  }

  async #ask(name: 'mail' | 'rset', command: string): Promise<boolean> {
    this.#socket.write(`${command}\r\n`);
    this.#lastReply = undefined;
    while (this.#lastReply === undefined) {
      const read = await this.#socket.read(phaseTimeout(name, this.#downstream.timeouts));
      if (typeof read === 'string') return this.#failed(name, silenceFailure(read));
      this.#replies.push(read);
      const fault = this.#takeReply();
      if (fault !== undefined) return this.#failed(name, fault);
    }
    const { code } = this.#lastReply;
    const detail = describeReply(this.#lastReply);
    return code >= 200 && code < 300 ? this.#passed(name, detail) : this.#failed(name, { detail });
  }

  #takeReply(): TrialFailure | undefined {
    const read = this.#replies.next();
    if (read.kind === 'reply') this.#lastReply = read.reply;
    return read.kind === 'fault' ? { code: read.code, detail: read.message } : undefined;
  }

  #passed(name: TrialStepName, detail: string): true {
    this.#tell(name, true, { detail });
    return true;
  }

  #failed(name: TrialStepName, failure: TrialFailure): false {
    this.#tell(name, false, failure);
    return false;
  }

  #tell(name: TrialStepName, isOk: boolean, { code, detail }: TrialFailure): void {
    const now = this.#clock.now();
    this.#options.onStep({
      name,
      isOk,
      durationMs: now - this.#stepBeganAt,
      detail: printable(this.#mask.text(detail)),
      ...(code !== undefined && { code }),
    });
    this.#stepBeganAt = now;
  }
}

/** The step a code of the engine is about; undefined = the one under way. */
function stepOfCode(code: string): TrialStepName | undefined {
  if (code.startsWith('SMTP_AUTH_')) return 'auth';
  return code.startsWith('SMTP_STARTTLS_') ? 'starttls' : undefined;
}

/** Node tells the code of OpenSSL, or what did not fit in the name. */
function verificationError(socket: TLSSocket): Error {
  const reason: unknown = socket.authorizationError;
  return Object.assign(new Error(String(reason)), { code: String(reason) });
}

function silenceFailure(read: 'closed' | 'timeout'): TrialFailure {
  return read === 'closed'
    ? { code: 'ROUTER_CONNECTION_LOST', detail: 'closed the connection' }
    : { code: 'ROUTER_REPLY_TIMEOUT', detail: 'does not answer' };
}
