/** PLAIN (RFC 4616): message = [authzid] NUL authcid NUL passwd. */
import { decodeUtf8, encodeUtf8 } from '../grammar/text-codec.ts';
import type { Credentials, SaslClientMechanism, SaslServerExchange, SaslServerStep } from './mechanism.ts';

const EMPTY_CHALLENGE: SaslServerStep = { kind: 'challenge', message: new Uint8Array() };
const MALFORMED: SaslServerStep = { kind: 'refused', reason: 'malformed' };

/** The server's side. An authorization identity must be empty or equal the authentication identity. */
export function beginPlainServer(): SaslServerExchange {
  return { receive: (message) => (message === undefined ? EMPTY_CHALLENGE : readPlainMessage(message)) };
}

/** Takes a PLAIN message apart. */
export function readPlainMessage(message: Uint8Array): SaslServerStep {
  const parts = decodeUtf8(message)?.split('\0');
  const [authorizationIdentity = '', username = '', password = ''] = parts ?? [];
  if (parts?.length !== 3 || username === '' || password === '') return MALFORMED;
  if (authorizationIdentity !== '' && authorizationIdentity !== username) {
    return { kind: 'refused', reason: 'foreign-authorization-identity' };
  }
  return { kind: 'credentials', credentials: { username, password } };
}

/** The message of a client that acts as itself. */
export function writePlainMessage({ username, password }: Credentials): Uint8Array {
  return encodeUtf8(`\0${username}\0${password}`);
}

/** The client's side. */
export const PLAIN_CLIENT: SaslClientMechanism = {
  name: 'PLAIN',
  begin: (credentials) => ({
    initialResponse: () => writePlainMessage(credentials),
    respond: () => undefined,
  }),
};
