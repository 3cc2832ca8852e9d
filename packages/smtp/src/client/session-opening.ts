/**
 * From the greeting to the point where a transaction may begin: EHLO or HELO, STARTTLS with a second
 * EHLO, AUTH. Nothing learnt in clear outlives STARTTLS (RFC 3207 §4.2), and credentials are sent in
 * clear only when that was allowed.
 */
import type { SmtpReply } from '../grammar/reply.ts';
import { decodeBase64, encodeBase64 } from '../sasl/base64.ts';
import { LOGIN_CLIENT } from '../sasl/login.ts';
import type { Credentials, SaslClientExchange, SaslClientMechanism } from '../sasl/mechanism.ts';
import { PLAIN_CLIENT } from '../sasl/plain.ts';
import type { SmtpClientOptions } from './client-options.ts';
import { describeReply } from './describe-reply.ts';
import type { OpeningAction } from './reply-action.ts';
import type { SessionLink } from './session-link.ts';
import { NO_EXTENSIONS, parseExtensions, type SmtpExtensions } from './smtp-extensions.ts';

/** A longer AUTH command is sent without initial response (RFC 4954 §4): 512 less CRLF. */
const MAX_AUTH_COMMAND_LENGTH = 510;
/** The server knows the mechanism no more than we know its password: another one may do. */
const MECHANISM_REFUSED = [504, 534];
const DEFAULT_MECHANISMS: readonly SaslClientMechanism[] = [PLAIN_CLIENT, LOGIN_CLIENT];

export class SessionOpening {
  readonly #options: SmtpClientOptions;
  readonly #link: SessionLink;
  #extensions: SmtpExtensions = NO_EXTENSIONS;
  #isTls: boolean;
  /** Mechanisms not tried yet, offered by both sides. */
  #mechanisms: readonly SaslClientMechanism[] = [];
  /** Defined from the AUTH command to its final reply. */
  #exchange: SaslClientExchange | undefined;
  /** A response that did not fit into the AUTH command; sent to the first challenge. */
  #delayedResponse: Uint8Array | undefined;

  constructor(options: SmtpClientOptions, link: SessionLink) {
    this.#options = options;
    this.#link = link;
    this.#isTls = options.isTls ?? false;
  }

  get extensions(): SmtpExtensions {
    return this.#extensions;
  }

  /** Begins anew over TLS. */
  tlsStarted(): void {
    this.#isTls = true;
    this.#extensions = NO_EXTENSIONS;
    this.#sayEhlo();
  }

  handle(action: OpeningAction, reply: SmtpReply): void {
    switch (action) {
      case 'say-ehlo':
        this.#sayEhlo();
        return;
      case 'say-helo':
        this.#link.ask('helo', `HELO ${this.#options.heloName}`);
        return;
      case 'learn-extensions':
        this.#learn(parseExtensions(reply));
        return;
      case 'learn-nothing':
        this.#learn(NO_EXTENSIONS);
        return;
      case 'want-tls':
        this.#link.wantTls();
        return;
      case 'go-on-in-clear':
        this.#goOnInClear(reply);
        return;
      case 'authenticated':
        this.#exchange = undefined;
        this.#link.becomeReady();
        return;
      case 'answer-challenge':
        this.#answerChallenge(reply);
        return;
      case 'refuse-auth':
        this.#authRefused(reply);
        return;
      case 'refuse-greeting':
        this.#fail('SMTP_GREETING_REFUSED', 'The greeting was', reply);
        return;
      case 'refuse-hello':
        this.#fail('SMTP_EHLO_REFUSED', 'EHLO was answered', reply);
        return;
    }
  }

  #sayEhlo(): void {
    this.#link.ask('ehlo', `EHLO ${this.#options.heloName}`);
  }

  #learn(extensions: SmtpExtensions): void {
    this.#extensions = extensions;
    const use = this.#options.startTls ?? 'when-offered';
    if (this.#isTls || use === 'never') this.#authenticate();
    else if (extensions.hasStartTls) this.#link.ask('starttls', 'STARTTLS');
    else if (use === 'when-offered') this.#authenticate();
    else this.#link.fail('SMTP_STARTTLS_NOT_OFFERED', 'STARTTLS is required and not offered.');
  }

  #goOnInClear(reply: SmtpReply): void {
    if (this.#options.startTls === 'required')
      this.#fail('SMTP_STARTTLS_REFUSED', 'STARTTLS was answered', reply);
    else this.#authenticate();
  }

  #authenticate(): void {
    const { credentials, isPlaintextAuthAllowed, mechanisms } = this.#options;
    const offered = this.#extensions.authMechanisms;
    this.#mechanisms = (mechanisms ?? DEFAULT_MECHANISMS).filter(({ name }) => offered.includes(name));
    if (credentials === undefined) {
      this.#link.becomeReady();
    } else if (this.#mechanisms.length === 0) {
      this.#link.fail('SMTP_AUTH_NOT_OFFERED', 'No AUTH mechanism that could carry the login is offered.');
    } else if (!this.#isTls && isPlaintextAuthAllowed !== true) {
      this.#link.fail(
        'SMTP_AUTH_NEEDS_TLS',
        'The login was not sent because the connection is not encrypted.',
      );
    } else {
      this.#tryNextMechanism(credentials);
    }
  }

  #tryNextMechanism(credentials: Credentials): void {
    const [mechanism, ...rest] = this.#mechanisms;
    if (mechanism === undefined) return;
    this.#mechanisms = rest;
    this.#exchange = mechanism.begin(credentials);
    this.#delayedResponse = undefined;
    this.#link.ask('auth', this.#authCommand(mechanism.name, this.#exchange.initialResponse()));
  }

  #authCommand(name: string, initialResponse: Uint8Array | undefined): string {
    if (initialResponse === undefined) return `AUTH ${name}`;
    const command = `AUTH ${name} ${encodeBase64(initialResponse) || '='}`;
    if (command.length <= MAX_AUTH_COMMAND_LENGTH) return command;
    this.#delayedResponse = initialResponse;
    return `AUTH ${name}`;
  }

  #answerChallenge(reply: SmtpReply): void {
    const response = this.#delayedResponse ?? this.#exchange?.respond(challengeOf(reply));
    this.#delayedResponse = undefined;
    if (response === undefined) this.#link.ask('auth-cancel', '*');
    else this.#link.ask('auth', encodeBase64(response));
  }

  #authRefused(reply: SmtpReply): void {
    const { credentials } = this.#options;
    const canTryAnother = MECHANISM_REFUSED.includes(reply.code) && this.#mechanisms.length > 0;
    this.#exchange = undefined;
    if (canTryAnother && credentials !== undefined) this.#tryNextMechanism(credentials);
    else this.#fail('SMTP_AUTH_REFUSED', 'AUTH was answered', reply);
  }

  #fail(
    code: 'SMTP_GREETING_REFUSED' | 'SMTP_EHLO_REFUSED' | 'SMTP_STARTTLS_REFUSED' | 'SMTP_AUTH_REFUSED',
    what: string,
    reply: SmtpReply,
  ): void {
    this.#link.fail(code, `${what} ${describeReply(reply)}`, reply);
  }
}

/** What cannot be decoded is an empty challenge: LOGIN does not read it, others will refuse it. */
function challengeOf(reply: SmtpReply): Uint8Array {
  return decodeBase64(reply.lines.join('')) ?? new Uint8Array();
}
