/** Generation 2 as a service of gRPC. Knows no sockets. */
import type { GrpcMethod, GrpcService } from '@smtp-router/go-plugin/plugin';
import { quote } from '../contract/quote.ts';
import { SelectorError } from '../errors.ts';
import { SELECTOR_SERVICE } from '../wire/index.ts';
import { ProtobufCodec } from '../wire/v2/protobuf.ts';
import type { SelectorServiceV2, ServiceMethod } from './selector-service-v2.ts';

/** Answers the same calls in protobuf; what a call fails with is its status, UNKNOWN, with the message. */
export function createGrpcSelectorService(service: SelectorServiceV2): GrpcService {
  const codec = new ProtobufCodec();
  const methods = Object.entries(service).map(([name, method]) => [name, unary(method, codec)] as const);
  return { name: SELECTOR_SERVICE, methods: Object.fromEntries(methods) };
}

function unary({ argument, reply, handle }: ServiceMethod, codec: ProtobufCodec): GrpcMethod {
  return async (request) => {
    const decoded = codec.decode(argument, request);
    if (decoded.kind === 'message') return codec.encode(reply, await handle(decoded.value));
    throw new SelectorError(
      'SELECTOR_REQUEST_SHAPE',
      `The host sent what is no ${argument.name}: ${quote(decoded.text)}.`,
    );
  };
}
