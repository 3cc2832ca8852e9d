/** Generation 2 over gRPC: unary calls of the service in selector.proto. */
import type { CallOptions, GrpcChannel } from '@smtp-router/go-plugin/host';
import { quote } from '../contract/quote.ts';
import { shapeError, tooLong } from '../contract/reply-fault.ts';
import { SELECTOR_SERVICE } from '../wire/index.ts';
import { ProtobufCodec } from '../wire/v2/protobuf.ts';
import { hasMoreFields } from '../wire/v2/protobuf-count.ts';
import type { ExchangeV2, QuestionV2 } from './exchange-v2.ts';

/** The longest question there is, too. */
const MAX_REPLY_BYTES = 1_000_000;
/** Ten thousand ids (validate-reply.ts) with the routes they stand in, and room to grow. */
const MAX_REPLY_FIELDS = 25_000;

export class GrpcExchange implements ExchangeV2 {
  readonly #channel: GrpcChannel;
  /** Of the selector, for messages. */
  readonly #name: string;
  readonly #codec = new ProtobufCodec();

  constructor(channel: GrpcChannel, name: string) {
    this.#channel = channel;
    this.#name = name;
  }

  async ask({ method, type, value, replyType }: QuestionV2, call: CallOptions): Promise<unknown> {
    const request = this.#codec.encode(type, value);
    const reply = await this.#channel.unary(`/${SELECTOR_SERVICE}/${method}`, request, call);
    if (reply.length > MAX_REPLY_BYTES) throw tooLong(this.#name, MAX_REPLY_BYTES, 'bytes');
    if (hasMoreFields(replyType, reply, MAX_REPLY_FIELDS)) {
      throw tooLong(this.#name, MAX_REPLY_FIELDS, 'fields');
    }
    const decoded = this.#codec.decode(replyType, reply);
    if (decoded.kind === 'message') return decoded.value;
    throw shapeError(this.#name, `it is no ${replyType.name}: ${quote(decoded.text)}`);
  }

  sizeOf({ type, value }: QuestionV2): number {
    return this.#codec.encode(type, value).length;
  }

  close(): void {
    this.#channel.close();
  }
}
