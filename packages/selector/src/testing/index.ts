/**
 * For the tests of plugin authors: `requestWith` and `viewWith` make the requests a selector is
 * asked, `validateReply` is the check the router applies to its answer.
 */
export {
  type RequestOverrides,
  requestWith,
  type ViewOverrides,
  validateReply,
  viewWith,
} from '../contract/index.ts';
