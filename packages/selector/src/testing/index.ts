/**
 * For the tests of plugin authors: `requestFor` makes the request of a message in a few words,
 * `requestWith` and `viewWith` make requests from any part of them, `validateReply` is the check the router
 * applies to an answer.
 */
export {
  type RequestOverrides,
  requestWith,
  type ViewOverrides,
  validateReply,
  viewWith,
} from '../contract/index.ts';
export { type RequestWords, requestFor } from './request-for.ts';
