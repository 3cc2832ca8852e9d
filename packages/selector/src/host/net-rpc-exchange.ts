/** Generation 2 over net/rpc: `Plugin.<method>` with values in gob. */
import { GobEncoder, ValueFitter } from '@smtp-router/go-plugin/gob';
import type { CallOptions, RpcChannel } from '@smtp-router/go-plugin/host';
import { quote } from '../contract/quote.ts';
import { shapeError } from '../contract/reply-fault.ts';
import type { ExchangeV2, QuestionV2 } from './exchange-v2.ts';

export class NetRpcExchange implements ExchangeV2 {
  readonly #channel: RpcChannel;
  /** Of the selector, for messages. */
  readonly #name: string;
  readonly #fitter = new ValueFitter();

  constructor(channel: RpcChannel, name: string) {
    this.#channel = channel;
    this.#name = name;
  }

  async ask({ method, type, value, replyType }: QuestionV2, call: CallOptions): Promise<unknown> {
    const reply = await this.#channel.call(method, { type, value }, call);
    const fitted = this.#fitter.fit(reply, replyType);
    if (fitted.kind === 'fits') return fitted.value;
    throw shapeError(this.#name, `it is no ${replyType.name}: ${quote(fitted.text)}`);
  }

  sizeOf({ type, value }: QuestionV2): number {
    const encoder = new GobEncoder();
    encoder.encode(type, value);
    return encoder.outputLength;
  }

  close(): void {
    this.#channel.close();
  }
}
