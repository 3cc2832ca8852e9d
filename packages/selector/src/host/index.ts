export {
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSION_1,
  SELECTOR_VERSION_2,
  SELECTOR_VERSIONS,
} from '../wire/handshake.ts';
export type { Tail } from '../wire/reply-v1.ts';
export type { PasswordLookup } from '../wire/request-v1.ts';
export type { SelectorDescription } from '../wire/v2/index.ts';
export { type DispensingPlugin, openSelectorPlugin } from './open-selector-plugin.ts';
export type { OpeningStep, SelectorPlugin, SelectorPluginOptions } from './selector-plugin.ts';
export type { SelectorSettings } from './selector-settings.ts';
