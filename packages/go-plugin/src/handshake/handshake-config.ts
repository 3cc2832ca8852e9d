/**
 * What host and plugin must agree on before they speak (go-plugin server.go, HandshakeConfig). The
 * cookie is no secret: it only keeps people from running a plugin by hand and wondering why it hangs.
 */
export interface HandshakeConfig {
  /** Name of the environment variable; not empty. */
  readonly magicCookieKey: string;
  /** Its value; not empty. */
  readonly magicCookieValue: string;
}
