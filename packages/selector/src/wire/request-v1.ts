import type { DownstreamView, SelectRequest } from '../contract/index.ts';
import type { DownstreamV1 } from './downstream-v1.ts';

/** Answers the password of a downstream by its id; given only where the operator allowed it. */
export type PasswordLookup = (downstreamId: string) => string | undefined;

/** A generation 1 request: what is sent, and whom each entry stands for. */
export interface RequestV1 {
  /** The list as it goes to the plugin, in configured order. */
  readonly list: readonly DownstreamV1[];
  /** The views the entries were made from; same length and order as `list`. */
  readonly offered: readonly DownstreamView[];
}

/**
 * Builds the list a generation 1 plugin chooses from. Disabled downstreams are left out, since such
 * a plugin cannot see the state. `Pass` is empty unless `passwordOf` is given.
 */
export function buildRequestV1(request: SelectRequest, passwordOf?: PasswordLookup): RequestV1 {
  const offered = request.downstreams.filter((downstream) => downstream.state !== 'disabled');
  const list = offered.map((downstream) => ({
    Addr: downstream.addr,
    User: downstream.user,
    Pass: passwordOf?.(downstream.id) ?? '',
  }));
  return { list, offered };
}
