/**
 * LOGIN: two questions, user name and password, each answered in a message of its own. No RFC describes
 * it; the prompts are those every client expects, and clients must not read meaning into them.
 */
import { decodeUtf8, encodeUtf8 } from '../grammar/text-codec.ts';
import type {
  Credentials,
  SaslClientExchange,
  SaslClientMechanism,
  SaslServerExchange,
  SaslServerStep,
} from './mechanism.ts';

const USERNAME_PROMPT: SaslServerStep = { kind: 'challenge', message: encodeUtf8('Username:') };
const PASSWORD_PROMPT: SaslServerStep = { kind: 'challenge', message: encodeUtf8('Password:') };
const MALFORMED: SaslServerStep = { kind: 'refused', reason: 'malformed' };

/** The server's side; an initial response is the user name. */
export function beginLoginServer(): SaslServerExchange {
  let username: string | undefined;
  return {
    receive(message) {
      if (message === undefined) return USERNAME_PROMPT;
      const text = decodeUtf8(message);
      if (text === undefined || text === '' || text.includes('\0')) return MALFORMED;
      if (username !== undefined) return { kind: 'credentials', credentials: { username, password: text } };
      username = text;
      return PASSWORD_PROMPT;
    },
  };
}

/** The client's side. */
export const LOGIN_CLIENT: SaslClientMechanism = { name: 'LOGIN', begin: beginLoginClient };

function beginLoginClient({ username, password }: Credentials): SaslClientExchange {
  const answers = [username, password];
  return {
    initialResponse: () => undefined,
    respond() {
      const answer = answers.shift();
      return answer === undefined ? undefined : encodeUtf8(answer);
    },
  };
}
