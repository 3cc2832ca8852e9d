/** A running plugin as the router asks it: the contract on one side, its wire on the other. */
import type { CallOptions, RpcChannel } from '@smtp-router/go-plugin/host';
import type { SelectReply, SelectRequest } from '../contract/index.ts';
import { type PasswordLookup, SELECT_METHOD, type SelectorDescription, type Tail } from '../wire/index.ts';
import { OffersV1 } from './offers-v1.ts';
import type { SelectorSettings } from './selector-settings.ts';

/** How to talk to one plugin. */
export interface SelectorPluginOptions {
  /** Name from the configuration, for messages. */
  readonly name: string;
  /** What follows a string answer of generation 1. */
  readonly tail: Tail;
  /** Given only where the operator exposes passwords to this plugin (generation 1). */
  readonly passwordOf?: PasswordLookup;
  /** Milliseconds for each of Dispense, Describe and Configure. */
  readonly dispenseTimeoutMs: number;
  /** For Configure (generation 2). */
  readonly settings?: SelectorSettings;
  /** Told which step of opening begins; must not throw. */
  readonly onStep?: (step: OpeningStep) => void;
}

/** What is asked of a plugin before its first selection, in this order; the first alone in generation 1. */
export type OpeningStep = 'dispense' | 'describe' | 'configure';

/** A dispensed selector. Whoever opened it closes it; the process belongs to the `PluginHost`. */
export interface SelectorPlugin {
  /** Contract generation negotiated in the handshake. */
  readonly generation: 1 | 2;
  /** What it says of itself; generation 2 only. */
  readonly description?: SelectorDescription;
  /**
   * Asks the plugin. Resolves to a reply whose ids are all of the request. Rejects with
   * `SelectorError` for an answer at fault or a request too long to send, with `PluginError` for a missed deadline, a lost
   * connection, or an error the plugin answered.
   */
  select(request: SelectRequest, call: CallOptions): Promise<SelectReply>;
  close(): void;
}

/** Generation 1: one method, a list in, a string or a list out. */
export class SelectorPluginV1 implements SelectorPlugin {
  readonly generation = 1;
  readonly #channel: RpcChannel;
  readonly #offers: OffersV1;

  constructor(channel: RpcChannel, options: SelectorPluginOptions) {
    this.#channel = channel;
    this.#offers = new OffersV1(options);
  }

  select(request: SelectRequest, call: CallOptions): Promise<SelectReply> {
    const offer = this.#offers.of(request);
    const answered = this.#channel.call(SELECT_METHOD, offer.argument, call);
    return answered.then((answer) => offer.read(answer, request));
  }

  close(): void {
    this.#channel.close();
  }
}
