export { SELECTOR_HANDSHAKE, SELECTOR_VERSION_1 } from '../wire/handshake.ts';
export type { Tail } from '../wire/reply-v1.ts';
export type { PasswordLookup } from '../wire/request-v1.ts';
export {
  type DispensingPlugin,
  openSelectorPlugin,
  type SelectorPlugin,
  type SelectorPluginOptions,
} from './selector-plugin.ts';
