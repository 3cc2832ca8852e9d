/** A running plugin as the router asks it: the contract on one side, its wire on the other. */
import type { CallOptions, PluginHost, RpcChannel } from '@smtp-router/go-plugin/host';
import type { SelectReply, SelectRequest } from '../contract/index.ts';
import { type PasswordLookup, SELECT_METHOD, SELECTOR_PLUGIN_KEY, type Tail } from '../wire/index.ts';
import { OffersV1 } from './offers-v1.ts';

/** How to talk to one plugin. */
export interface SelectorPluginOptions {
  /** Name from the configuration, for messages. */
  readonly name: string;
  /** What follows a string answer of generation 1. */
  readonly tail: Tail;
  /** Given only where the operator exposes passwords to this plugin (generation 1). */
  readonly passwordOf?: PasswordLookup;
  /** Milliseconds for Dispense. */
  readonly dispenseTimeoutMs: number;
}

/** A dispensed selector. Whoever opened it closes it; the process belongs to the `PluginHost`. */
export interface SelectorPlugin {
  /** Contract generation negotiated in the handshake. */
  readonly generation: 1;
  /**
   * Asks the plugin. Resolves to a reply whose ids are all of the request. Rejects with
   * `SelectorError` for an answer at fault, with `PluginError` for a missed deadline, a lost
   * connection, or an error the plugin answered.
   */
  select(request: SelectRequest, call: CallOptions): Promise<SelectReply>;
  close(): void;
}

/** What `openSelectorPlugin` needs of a launched plugin. */
export type DispensingPlugin = { readonly connection: Pick<PluginHost['connection'], 'dispense'> };

/**
 * Dispenses the selector of a launched plugin; kept for the life of the process.
 *
 * Rejects with `PluginError` when the plugin serves no `selector` or does not answer in time.
 */
export async function openSelectorPlugin(
  plugin: DispensingPlugin,
  options: SelectorPluginOptions,
): Promise<SelectorPlugin> {
  const channel = await plugin.connection.dispense(SELECTOR_PLUGIN_KEY, {
    timeoutMs: options.dispenseTimeoutMs,
  });
  return new SelectorPluginV1(channel, options);
}

/** Generation 1: one method, a list in, a string or a list out. */
class SelectorPluginV1 implements SelectorPlugin {
  readonly generation = 1;
  readonly #channel: RpcChannel;
  readonly #offers: OffersV1;

  constructor(channel: RpcChannel, options: SelectorPluginOptions) {
    this.#channel = channel;
    this.#offers = new OffersV1(options);
  }

  async select(request: SelectRequest, call: CallOptions): Promise<SelectReply> {
    const offer = this.#offers.of(request);
    return offer.read(await this.#channel.call(SELECT_METHOD, offer.argument, call), request);
  }

  close(): void {
    this.#channel.close();
  }
}
