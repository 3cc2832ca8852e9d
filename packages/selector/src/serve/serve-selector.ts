/** The plugin role in one call. */
import { randomInt } from 'node:crypto';
import { type PluginSet, servePlugin } from '@smtp-router/go-plugin/plugin';
import type { SelectRequest } from '../contract/index.ts';
import {
  SELECTOR_HANDSHAKE,
  SELECTOR_PLUGIN_KEY,
  SELECTOR_VERSION_1,
  SELECTOR_VERSION_2,
} from '../wire/index.ts';
import type { Answer } from './answer.ts';
import { createSelectorService, type V1ReplyShape } from './selector-service.ts';
import {
  type ConfigureAnswer,
  createSelectorServiceV2,
  type SelectorServiceV2,
} from './selector-service-v2.ts';

/** A selector to serve. */
export interface ServeSelectorOptions {
  /**
   * Decides for one message; several may be asked at a time. A host of generation 1 tells nothing of the
   * mail: the request then holds the downstreams, without state or passwords, and an empty envelope.
   * A single downstream is followed by the others in configured order. Throwing makes the host fall back.
   * When `request.dryRun` is set nothing will be sent: decide as ever, and change no state.
   */
  select(request: SelectRequest): Answer | Promise<Answer>;
  /**
   * Takes the operator's `config`, undefined when there is none; called before the first `select`. What it
   * answers is shown by line and column, and the plugin is not used. Hosts of generation 1 do not call it.
   */
  configure?(config: unknown): ConfigureAnswer | Promise<ConfigureAnswer>;
  /** What the plugin calls itself, for people. */
  readonly name?: string;
  readonly version?: string;
  /** Header fields that `select` looks at, by name in any case; `['*']` for all. Default: none. */
  readonly headers?: readonly string[];
  /**
   * Reply of generation 1: `address` (default) names the first choice alone, as hosts of the original
   * contract expect it; `list` gives the whole order, which smtp-router understands as well.
   */
  readonly v1Reply?: V1ReplyShape;
  /**
   * What carries generation 2: `netrpc` (default), which costs the host a fifth, or `grpc`. Generation 1 is
   * net/rpc alone, and served beside either.
   */
  readonly transport?: SelectorTransport;
}

/** What carries the calls of a plugin. */
export type SelectorTransport = 'netrpc' | 'grpc';

/**
 * Serves the selector in both generations until the host ends it; call it last in the plugin's main file. Resolves when
 * the service has ended. Run outside of a host it says so on stderr and ends with status 1.
 */
export async function serveSelector(options: ServeSelectorOptions): Promise<void> {
  const select = (request: SelectRequest): Answer | Promise<Answer> => options.select(request);
  const v1 = createSelectorService({
    select,
    v1Reply: options.v1Reply ?? 'address',
    now: () => Date.now(),
    random: () => randomInt(2 ** 48 - 1),
  });
  const { name = '', version = '', headers = [] } = options;
  const v2 = createSelectorServiceV2({
    description: { name, version, headers },
    configure: (config) => options.configure?.(config) ?? [],
    select,
  });
  await servePlugin({
    handshake: SELECTOR_HANDSHAKE,
    versions: {
      [SELECTOR_VERSION_1]: { [SELECTOR_PLUGIN_KEY]: () => v1 },
      [SELECTOR_VERSION_2]: await pluginSetOf(v2, options.transport ?? 'netrpc'),
    },
  });
}

async function pluginSetOf(service: SelectorServiceV2, transport: SelectorTransport): Promise<PluginSet> {
  if (transport === 'netrpc') return { [SELECTOR_PLUGIN_KEY]: () => service };
  const { createGrpcSelectorService } = await import('./grpc-selector-service.ts');
  return { protocol: 'grpc', services: [createGrpcSelectorService(service)] };
}
