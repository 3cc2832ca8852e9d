/** Checks who a client is. Plain passwords today; a slow hash fits, since the answer may come later. */
export interface Authenticator {
  /**
   * The user's name as configured when the password is right, undefined otherwise. The time it takes
   * tells nothing about whether the user exists. Rejects only when it could not check at all.
   */
  authenticate(username: string, password: string): string | undefined | Promise<string | undefined>;
}
