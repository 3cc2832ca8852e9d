/** The plugin role in one call. */
import { randomInt } from 'node:crypto';
import { servePlugin } from '@smtp-router/go-plugin/plugin';
import type { SelectRequest } from '../contract/index.ts';
import { SELECTOR_HANDSHAKE, SELECTOR_PLUGIN_KEY, SELECTOR_VERSION_1 } from '../wire/index.ts';
import type { Answer } from './answer.ts';
import { createSelectorService, type V1ReplyShape } from './selector-service.ts';

/** A selector to serve. */
export interface ServeSelectorOptions {
  /**
   * Decides for one message; several may be asked at a time. Generation 1 tells nothing of the mail:
   * the request then holds the downstreams, without state or passwords, and an empty envelope.
   * Throwing makes the host fall back.
   */
  select(request: SelectRequest): Answer | Promise<Answer>;
  /**
   * Reply of generation 1: `address` (default) names the first choice alone, as hosts of the original
   * contract expect it; `list` gives the whole order, which smtp-router understands as well.
   */
  readonly v1Reply?: V1ReplyShape;
}

/**
 * Serves the selector until the host ends it; call it last in the plugin's main file. Resolves when
 * the service has ended. Run outside of a host it says so on stderr and ends with status 1.
 */
export function serveSelector(options: ServeSelectorOptions): Promise<void> {
  const service = createSelectorService({
    select: (request) => options.select(request),
    v1Reply: options.v1Reply ?? 'address',
    now: () => Date.now(),
    random: () => randomInt(2 ** 48 - 1),
  });
  return servePlugin({
    handshake: SELECTOR_HANDSHAKE,
    versions: { [SELECTOR_VERSION_1]: { [SELECTOR_PLUGIN_KEY]: () => service } },
  });
}
