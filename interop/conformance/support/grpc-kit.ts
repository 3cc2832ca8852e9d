/** The kit over gRPC: every method takes and answers a google.protobuf.BytesValue. */
import type { GrpcChannel } from '@smtp-router/go-plugin/host';

export const SERVICE = 'conformance.Kit';

const LENGTH_DELIMITED_1 = 0x0a;

/** `[0x0a][length][bytes]`; nothing for no bytes. */
export function encodeBytesValue(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return new Uint8Array();
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 0x80) break;
  }
  return Buffer.concat([Uint8Array.of(LENGTH_DELIMITED_1, ...length), bytes]);
}

export function decodeBytesValue(message: Uint8Array): Buffer {
  if (message.length === 0) return Buffer.alloc(0);
  let at = 1;
  while (((message[at] ?? 0) & 0x80) !== 0) at += 1;
  return Buffer.from(message.subarray(at + 1));
}

/** A kit dispensed over gRPC. */
export class GrpcKit {
  readonly #channel: GrpcChannel;

  constructor(channel: GrpcChannel) {
    this.#channel = channel;
  }

  /** Calls a method by a text; resolves to the text it answers. */
  async call(method: string, text: string, timeoutMs = 30_000): Promise<string> {
    const request = encodeBytesValue(Buffer.from(text));
    const answer = await this.#channel.unary(`/${SERVICE}/${method}`, request, { timeoutMs });
    return decodeBytesValue(answer).toString();
  }
}
