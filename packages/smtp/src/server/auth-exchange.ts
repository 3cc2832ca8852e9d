/** One AUTH command with its challenges and responses (RFC 4954 §4). */
import { decodeBase64, encodeBase64 } from '../sasl/base64.ts';
import { beginLoginServer } from '../sasl/login.ts';
import type { Credentials, SaslServerExchange, SaslServerStep } from '../sasl/mechanism.ts';
import { beginPlainServer } from '../sasl/plain.ts';
import type { ServerMechanism } from './server-options.ts';
import {
  AUTH_CANCELLED,
  AUTH_FOREIGN_IDENTITY,
  AUTH_MALFORMED,
  AUTH_MECHANISM_UNKNOWN,
  type Refusal,
} from './server-reply.ts';

/** What follows from one line of the client. */
export type AuthStep =
  /** To be sent behind 334. */
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'credentials'; readonly mechanism: ServerMechanism; readonly credentials: Credentials }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const SERVERS: Readonly<Record<ServerMechanism, () => SaslServerExchange>> = {
  PLAIN: beginPlainServer,
  LOGIN: beginLoginServer,
};

/** From the AUTH command to credentials or a refusal. */
export class AuthExchange {
  readonly #mechanism: ServerMechanism;
  readonly #exchange: SaslServerExchange;

  constructor(mechanism: ServerMechanism) {
    this.#mechanism = mechanism;
    this.#exchange = SERVERS[mechanism]();
  }

  /** initial-response = base64 / "="; undefined when the command has none. */
  begin(initialResponse: string | undefined): AuthStep {
    if (initialResponse === undefined) return this.#follow(this.#exchange.receive(undefined));
    return this.#receive(initialResponse === '=' ? '' : initialResponse);
  }

  /** A response line; "*" cancels. */
  respond(line: string): AuthStep {
    return line === '*' ? { kind: 'refused', refusal: AUTH_CANCELLED } : this.#receive(line);
  }

  #receive(text: string): AuthStep {
    const message = decodeBase64(text);
    if (message === undefined) return { kind: 'refused', refusal: AUTH_MALFORMED };
    return this.#follow(this.#exchange.receive(message));
  }

  #follow(step: SaslServerStep): AuthStep {
    switch (step.kind) {
      case 'challenge':
        return { kind: 'challenge', text: encodeBase64(step.message) };
      case 'credentials':
        return { ...step, mechanism: this.#mechanism };
      case 'refused':
        return {
          kind: 'refused',
          refusal: step.reason === 'malformed' ? AUTH_MALFORMED : AUTH_FOREIGN_IDENTITY,
        };
    }
  }
}

/** auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) CRLF */
export function beginAuth(
  argument: string,
  mechanisms: readonly ServerMechanism[],
): { readonly exchange: AuthExchange; readonly step: AuthStep } | { readonly refusal: Refusal } {
  const [name = '', initialResponse, ...rest] = argument.split(' ').filter((word) => word !== '');
  const mechanism = mechanisms.find((offered) => offered === name.toUpperCase());
  if (mechanism === undefined) return { refusal: AUTH_MECHANISM_UNKNOWN };
  if (rest.length > 0) return { refusal: AUTH_MALFORMED };
  const exchange = new AuthExchange(mechanism);
  return { exchange, step: exchange.begin(initialResponse) };
}
