/** A gRPC host by hand, to say to a plugin what no library would. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { atEnd } from '../../test/support/scratch.ts';

/** How a call ended. */
export interface RawReply {
  readonly status: number;
  readonly message: Buffer;
}

export class RawGrpc {
  readonly #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  /** Speaks on a connected socket; `authority` as the host names the plugin. */
  static async on(t: TestContext, socket: Duplex, authority = 'localhost'): Promise<RawGrpc> {
    const session = connect(`http://${authority}`, { createConnection: () => socket });
    session.on('error', () => undefined);
    await once(session, 'connect');
    atEnd(t, () => session.destroy());
    return new RawGrpc(session);
  }

  /** One unary call of an encoded message. */
  async call(path: string, message: Uint8Array): Promise<RawReply> {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: unknown;
    const read = (headers: Readonly<Record<string, unknown>>): void => {
      status ??= headers['grpc-status'];
    };
    stream.on('response', read);
    stream.on('trailers', read);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([head, message]));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { status: Number(status), message: Buffer.concat(chunks).subarray(5) };
  }
}

/** A health request for a service. */
export function healthRequest(service: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x0a, service.length), Buffer.from(service)]);
}

export const HEALTH_CHECK = '/grpc.health.v1.Health/Check';
