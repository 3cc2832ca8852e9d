/**
 * A small HTTP server for the control socket and the admin address: exact routes, bounded bodies,
 * bounded time, and a check of the Host header against DNS rebinding. Answers errors as JSON.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import { RouterError } from '../errors.ts';
import type { ControlError } from './control-message.ts';

/** An answer; JSON unless the handler says otherwise. */
export interface HttpReply {
  readonly status: number;
  readonly body: unknown;
  /** With it `body` is text and sent as it is. */
  readonly contentType?: string;
}

/** Answers one request; a thrown `RouterError` becomes 400 (or 503 when it is temporary). */
export type HttpHandler = (body: Uint8Array) => HttpReply | Promise<HttpReply>;

export interface HttpServerOptions {
  /** A Unix socket by `path`, or `host` and `port`. */
  readonly listen: ListenOptions;
  /** By method and path, e.g. `GET /v1/status`. HEAD is answered wherever GET is. */
  readonly routes: ReadonlyMap<string, HttpHandler>;
  readonly maxBodyBytes: number;
  /** Host names requests may be for, lower-cased; undefined on a Unix socket, which no browser reaches. */
  readonly allowedHosts?: ReadonlySet<string>;
  /** An exception no handler should throw: for the log. */
  readonly onFault: (error: unknown) => void;
}

/** Most connections at a time; people and monitors need few. */
const MAX_CONNECTIONS = 64;

/** Time to send a whole request. */
const REQUEST_TIMEOUT_MS = 10_000;

/** A listening server; whoever started it closes it. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 16_384 },
      (request, response) => {
        void this.#serve(request, response);
      },
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Rejects with the system's error when the address cannot be had. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.listen, () => {
        this.#server.off('error', reject);
        // Without a listener an accept failure (EMFILE) would end the process.
        this.#server.on('error', this.#options.onFault);
        resolve();
      });
    });
  }

  /** Bound `host:port`; undefined for a Unix socket or before `listen`. */
  get address(): string | undefined {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return undefined;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `${host}:${address.port}`;
  }

  /** Stops listening and cuts open connections. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The peer may go at any time; there is nobody left to tell.
    response.on('error', () => response.destroy());
    try {
      write(response, await this.#answer(request), request.method === 'HEAD');
    } catch (error) {
      if (!(error instanceof RouterError)) this.#options.onFault(error);
      write(response, errorReply(error), request.method === 'HEAD');
    }
  }

  async #answer(request: IncomingMessage): Promise<HttpReply> {
    const { allowedHosts, routes, maxBodyBytes } = this.#options;
    if (allowedHosts !== undefined && !allowedHosts.has(hostOf(request.headers.host))) {
      return refusal(421, 'This address answers requests for loopback names only.');
    }
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const handler = routes.get(`${method} ${path}`);
    if (handler === undefined) return unknownRoute(path, routes);
    const body = await readBody(request, maxBodyBytes);
    return body === undefined
      ? refusal(413, `The request is larger than ${maxBodyBytes} bytes.`)
      : handler(body);
  }
}

function hostOf(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d{1,5}$/, '');
}

function unknownRoute(path: string, routes: ReadonlyMap<string, HttpHandler>): HttpReply {
  const methods = [...routes.keys()]
    .filter((key) => key.endsWith(` ${path}`))
    .map((key) => key.split(' ')[0]);
  if (methods.length > 0) return refusal(405, `This path answers ${methods.join(', ')} only.`);
  return refusal(404, `There is nothing here. Known are ${[...routes.keys()].join(', ')}.`);
}

/** The whole body, or undefined as soon as it is too long; the rest is then left unread. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => reject(new RouterError('ROUTER_BAD_REQUEST', 'The request broke off.')));
  });
}

function refusal(status: number, message: string): HttpReply {
  return { status, body: { error: { code: 'ROUTER_BAD_REQUEST', message } } satisfies ControlError };
}

function errorReply(error: unknown): HttpReply {
  if (error instanceof RouterError) {
    const body: ControlError = { error: { code: error.code, message: error.message } };
    return { status: error.temporary ? 503 : 400, body };
  }
  const message = 'The router failed at this request; its log says why.';
  return { status: 500, body: { error: { code: 'ROUTER_INTERNAL', message } } satisfies ControlError };
}

function write(response: ServerResponse, reply: HttpReply, isHead: boolean): void {
  if (response.destroyed || response.headersSent) return;
  const text = reply.contentType === undefined ? `${JSON.stringify(reply.body)}\n` : String(reply.body);
  response.writeHead(reply.status, {
    'content-type': reply.contentType ?? 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // A request that was not read to its end would be taken for the next one.
    ...(reply.status === 413 ? { connection: 'close' } : {}),
  });
  response.end(isHead ? undefined : text);
}
