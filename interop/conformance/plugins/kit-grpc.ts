// The kit of interop/internal/conformance over gRPC as a plugin of ours.
import { setTimeout as delay } from 'node:timers/promises';
import {
  type GrpcBroker,
  type GrpcMethod,
  type GrpcService,
  servePlugin,
} from '@smtp-router/go-plugin/plugin';
import { decodeBytesValue, encodeBytesValue, SERVICE } from '../support/grpc-kit.ts';
import { HANDSHAKE } from '../support/kit-contract.ts';

/** A method of texts. */
function texts(run: (text: string) => unknown): GrpcMethod {
  return async (request) => {
    const answer = await run(decodeBytesValue(request).toString());
    return encodeBytesValue(answer instanceof Uint8Array ? answer : Buffer.from(String(answer ?? '')));
  };
}

const CALL = { timeoutMs: 30_000 };

function kitOf(broker: GrpcBroker): GrpcService {
  return {
    name: SERVICE,
    methods: {
      Text: texts((text) => text),
      Bytes: texts((text) => text),
      Pid: texts(() => process.pid),
      Large: texts((size) => Buffer.alloc(Number(size))),
      Fail: texts((text) => {
        throw new Error(text);
      }),
      Sleep: texts(async (ms) => {
        await (Number(ms) > 0 ? delay(Number(ms)) : new Promise(() => undefined));
        return ms;
      }),
      Print: texts((text) => {
        console.log(`${text} on stdout`);
        console.error(`${text} on stderr`);
      }),
      CallBack: texts(async (id) => {
        const channel = await broker.dial(Number(id), CALL);
        const answer = await channel.unary(
          `/${SERVICE}/Text`,
          encodeBytesValue(Buffer.from('called back')),
          CALL,
        );
        channel.close();
        return decodeBytesValue(answer);
      }),
      Offer: texts(() => broker.serve([kitOf(broker)]).id),
    },
  };
}

await servePlugin({
  handshake: HANDSHAKE,
  versions: { 1: { protocol: 'grpc', services: (broker: GrpcBroker) => [kitOf(broker)] } },
});
