/**
 * What every selector plugin and every host of one agree on before the first byte (go-plugin
 * server.go, HandshakeConfig).
 */

/** Magic cookie: keeps a plugin started by hand from waiting for ever. It is no secret. */
export const SELECTOR_HANDSHAKE = {
  magicCookieKey: 'SMTP_ROUTER_PLUGIN',
  magicCookieValue: 'hello',
} as const;

/** Name a selector is dispensed by. */
export const SELECTOR_PLUGIN_KEY = 'selector';

/** Generation 1 of the contract: net/rpc only, a list of downstreams in, a string or a list out. */
export const SELECTOR_VERSION_1 = 1;

/** Generation 2: `smtp_router.selector.v2`, see `selector.proto`. */
export const SELECTOR_VERSION_2 = 2;

/** The generations a host offers; the plugin picks the highest it shares. */
export const SELECTOR_VERSIONS: readonly number[] = [SELECTOR_VERSION_1, SELECTOR_VERSION_2];
