/**
 * The messages of `smtp_router.selector.v2` in protobuf, by the types gob knows them by. Loaded only where gRPC is
 * spoken: the library takes a sixth of the time a plugin needs to start.
 */
import { type DescMessage, fromBinary } from '@bufbuild/protobuf';
import type { GobStructType } from '@smtp-router/go-plugin/gob';
import {
  ConfigureReplySchema,
  ConfigureRequestSchema,
  DescribeReplySchema,
  DescribeRequestSchema,
  SelectReplySchema,
  SelectRequestSchema,
} from './gen/selector_pb.js';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_REPLY_V2,
  DESCRIBE_REQUEST_V2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
} from './gob-types.ts';
import { ProtobufOutput } from './protobuf-output.ts';
import { messageShaper, type Shaper } from './protobuf-shape.ts';
import { type MessageWriter, messageWriter } from './protobuf-writer.ts';

/** What bytes of somebody else's are. */
export type DecodedProtobuf =
  /** In the shape of the type, as a `ValueFitter` has it. */
  | { readonly kind: 'message'; readonly value: unknown }
  /** `text` says what is wrong. */
  | { readonly kind: 'malformed'; readonly text: string };

/** One message: how it is read, and how it is written. */
interface MessageCodec {
  readonly schema: DescMessage;
  readonly shape: Shaper;
  readonly write: MessageWriter;
}

/** Encodes and decodes; one for a connection. */
export class ProtobufCodec {
  readonly #out = new ProtobufOutput();
  readonly #codecs: ReadonlyMap<GobStructType, MessageCodec> = new Map([
    codec(DESCRIBE_REQUEST_V2, DescribeRequestSchema),
    codec(DESCRIBE_REPLY_V2, DescribeReplySchema),
    codec(CONFIGURE_REQUEST_V2, ConfigureRequestSchema),
    codec(CONFIGURE_REPLY_V2, ConfigureReplySchema),
    codec(SELECT_REQUEST_V2, SelectRequestSchema),
    codec(SELECT_REPLY_V2, SelectReplySchema),
  ]);

  /** The bytes of what an `encode…V2` function made for `type`. */
  encode(type: GobStructType, value: unknown): Uint8Array {
    this.#of(type).write(this.#out, value);
    return this.#out.take();
  }

  /** Decodes for the `decode…V2` function of `type`. Unknown fields are dropped. */
  decode(type: GobStructType, bytes: Uint8Array): DecodedProtobuf {
    const { schema, shape } = this.#of(type);
    try {
      return { kind: 'message', value: shape(fromBinary(schema, bytes, { readUnknownFields: false })) };
    } catch (error) {
      return { kind: 'malformed', text: error instanceof Error ? error.message : String(error) };
    }
  }

  #of(type: GobStructType): MessageCodec {
    const known = this.#codecs.get(type);
    if (known === undefined) throw new TypeError(`${type.name} is no message of the contract`);
    return known;
  }
}

function codec(type: GobStructType, schema: DescMessage): readonly [GobStructType, MessageCodec] {
  return [type, { schema, shape: messageShaper(type), write: messageWriter(type) }];
}
