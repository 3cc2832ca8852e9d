/** Checks who a client is. The answer may come later, since checking a hash takes time. */
export interface Authenticator {
  /**
   * The time it takes tells nothing about whether the user exists. `clientAddress` is who asks: clients
   * wait in line by it. Rejects only when it could not check at all.
   */
  authenticate(
    username: string,
    password: string,
    clientAddress: string,
  ): LoginVerdict | Promise<LoginVerdict>;
}

/** What came of one login. */
export type LoginVerdict =
  /** `user` is the name as configured. */
  | { readonly kind: 'accepted'; readonly user: string }
  | { readonly kind: 'refused' }
  /** Too many checks are waiting; nothing was checked, the client may try again. */
  | { readonly kind: 'busy' };
