/**
 * Serving gRPC on streams that are connected already. A call is told from another by its path alone; what
 * no path is there for is answered as grpc-go does.
 */
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { GrpcMethod, GrpcService } from '../grpc/grpc-service.ts';
import { GRPC_STATUS, GrpcStatusError } from '../grpc/grpc-status.ts';
import { type HeaderFields, isGrpcContentType } from '../grpc/response-status.ts';
import { ByteBudget } from './byte-budget.ts';
import type { GrpcLimits } from './grpc-limits.ts';
import { endWithStatus } from './grpc-reply.ts';
import { acceptHttp2, endOf } from './http2-session.ts';
import { ServedCall } from './served-call.ts';
import type { ServedConnection } from './served-connection.ts';

/** Takes a call whose messages are many, in one direction or both. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: HeaderFields) => void;

export interface GrpcServerOptions {
  readonly services: readonly GrpcService[];
  /** By path; they win over services. */
  readonly streams?: ReadonlyMap<string, StreamHandler>;
  readonly limits: GrpcLimits;
  readonly clock: Clock;
}

/** How long a connection that is closed may take to write what it has. */
const LINGER_MS = 250;

export class GrpcServer {
  readonly #options: GrpcServerOptions;
  /** By path. */
  readonly #methods: ReadonlyMap<string, GrpcMethod>;
  readonly #serviceNames: ReadonlySet<string>;
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#methods = methodsByPath(options.services);
    this.#serviceNames = new Set(options.services.map(({ name }) => name));
  }

  /** Serves a host on `stream`, which the connection owns from now on. */
  accept(stream: Duplex): ServedConnection {
    const { limits, clock } = this.#options;
    const session = acceptHttp2(stream, limits);
    const budget = new ByteBudget(limits.maxWaitingBytes);
    this.#sessions.add(session);
    session.on('stream', (call, headers) => this.#serve(call, headers, budget));
    const closed = endOf(session);
    void closed.then(() => this.#sessions.delete(session));
    return { closed, close: () => closeGently(session, clock) };
  }

  /** Ends every connection. */
  close(): void {
    for (const session of this.#sessions) closeGently(session, this.#options.clock);
  }

  #serve(stream: ServerHttp2Stream, headers: HeaderFields, budget: ByteBudget): void {
    stream.on('error', () => undefined);
    const path = String(headers[':path']);
    const refusal = refuseRequest(headers);
    if (refusal !== undefined) {
      stream.respond({ ':status': refusal }, { endStream: true });
      return;
    }
    const method = this.#methods.get(path);
    const open = this.#options.streams?.get(path);
    if (open !== undefined) {
      open(stream, headers);
    } else if (method === undefined) {
      endWithStatus(stream, this.#unimplemented(path));
    } else {
      const { maxMessageBytes } = this.#options.limits;
      new ServedCall({ stream, headers, method, maxMessageBytes, budget, clock: this.#options.clock });
    }
  }

  /** The words of grpc-go, which callers print. */
  #unimplemented(path: string): GrpcStatusError {
    const slash = path.lastIndexOf('/');
    const service = path.slice(1, Math.max(1, slash));
    const text = this.#serviceNames.has(service)
      ? `unknown method ${path.slice(slash + 1)} for service ${service}`
      : `unknown service ${service}`;
    return new GrpcStatusError(GRPC_STATUS.UNIMPLEMENTED, text);
  }
}

function methodsByPath(services: readonly GrpcService[]): ReadonlyMap<string, GrpcMethod> {
  const methods = new Map<string, GrpcMethod>();
  for (const { name, methods: byName } of services) {
    for (const [method, handle] of Object.entries(byName)) methods.set(`/${name}/${method}`, handle);
  }
  return methods;
}

/** An HTTP status for what is no gRPC request at all (gRPC over HTTP/2, Content-Type). */
function refuseRequest(headers: HeaderFields): number | undefined {
  if (headers[':method'] !== 'POST') return 405;
  const contentType = headers['content-type'];
  return typeof contentType === 'string' && isGrpcContentType(contentType) ? undefined : 415;
}

/** No new calls; what was answered already leaves, then the rest ends. */
function closeGently(session: ServerHttp2Session, clock: Clock): void {
  if (session.destroyed) return;
  const cancel = clock.schedule(LINGER_MS, () => session.destroy());
  session.once('close', cancel);
  session.close();
}
