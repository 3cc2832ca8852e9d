/**
 * SASL mechanisms (RFC 4422) as exchanges without I/O. An exchange sees decoded messages; base64, line
 * limits and the AUTH command belong to the SMTP engines (RFC 4954). A mechanism that needs
 * cryptography gets it as a function when it is made.
 */

/** What somebody logs in with. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What the server's side of an exchange wants after one message of the client. */
export type SaslServerStep =
  | { readonly kind: 'challenge'; readonly message: Uint8Array }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** The client's message cannot be used; `reason` tells nothing of its content. */
  | { readonly kind: 'refused'; readonly reason: 'malformed' | 'foreign-authorization-identity' };

/** The server's side of one exchange. */
export interface SaslServerExchange {
  /** First call: the initial response, or undefined when there is none. */
  receive(message: Uint8Array | undefined): SaslServerStep;
}

/** The client's side of one exchange. */
export interface SaslClientExchange {
  /** Undefined when the mechanism begins with a challenge of the server. */
  initialResponse(): Uint8Array | undefined;
  /** The answer to a challenge; undefined breaks the exchange off. */
  respond(challenge: Uint8Array): Uint8Array | undefined;
}

/** A mechanism a client may choose. */
export interface SaslClientMechanism {
  /** As in the EHLO keyword AUTH, upper-case. */
  readonly name: string;
  begin(credentials: Credentials): SaslClientExchange;
}
