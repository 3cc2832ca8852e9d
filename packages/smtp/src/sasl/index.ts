export { decodeBase64, encodeBase64 } from './base64.ts';
export { beginLoginServer, LOGIN_CLIENT } from './login.ts';
export type {
  Credentials,
  SaslClientExchange,
  SaslClientMechanism,
  SaslServerExchange,
  SaslServerStep,
} from './mechanism.ts';
export { beginPlainServer, PLAIN_CLIENT, readPlainMessage, writePlainMessage } from './plain.ts';
