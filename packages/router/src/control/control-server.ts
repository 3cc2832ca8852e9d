/**
 * The control socket, `state_dir/control.sock` (mode 0600): what the commands `send`, `explain`, `status`, `plugin`, `queue` and `trace` speak
 * to. HTTP and JSON, so that curl --unix-socket can do the same.
 */
import { chmod, rm } from 'node:fs/promises';
import type { MailQueue } from '../delivery/mail-queue.ts';
import type {
  ExplainRequest,
  ExplainResult,
  ReloadResult,
  RouterStatus,
  SendRequest,
  SendResult,
} from './control-message.ts';
import { type HttpHandler, HttpServer } from './http-server.ts';
import { answerQueue, parseQueueRequest } from './queue-request.ts';
import { parseReloadRequest } from './reload-plugin.ts';
import { parseExplainRequest, parseSendRequest } from './send-request.ts';

export interface ControlServerOptions {
  readonly socketPath: string;
  /** Largest message `send` and `explain` take. */
  readonly maxMessageBytes: number;
  status(): RouterStatus;
  send(request: SendRequest): Promise<SendResult>;
  explain(request: ExplainRequest): Promise<ExplainResult>;
  reloadPlugin(name: string): Promise<ReloadResult>;
  /** Absent without a spool. */
  readonly queue?: MailQueue | undefined;
  onFault(error: unknown): void;
}

/** Room for addresses and JSON around the message. */
const ENVELOPE_BYTES = 256 * 1024;

/** A listening control socket. The caller holds the lock of the directory, so a socket found there is left over. */
export async function openControlServer(options: ControlServerOptions): Promise<HttpServer> {
  const routes = new Map<string, HttpHandler>([
    ['GET /v1/status', () => ({ status: 200, body: options.status() })],
    [
      'POST /v1/send',
      async (body) => ({
        status: 200,
        body: await options.send(parseSendRequest(body, options.maxMessageBytes)),
      }),
    ],
    [
      'POST /v1/explain',
      async (body) => ({
        status: 200,
        body: await options.explain(parseExplainRequest(body, options.maxMessageBytes)),
      }),
    ],
    [
      'POST /v1/plugin/reload',
      async (body) => ({ status: 200, body: await options.reloadPlugin(parseReloadRequest(body)) }),
    ],
    [
      'POST /v1/queue',
      async (body) => ({ status: 200, body: await answerQueue(options.queue, parseQueueRequest(body)) }),
    ],
  ]);
  await rm(options.socketPath, { force: true });
  const server = new HttpServer({
    listen: { path: options.socketPath },
    routes,
    // Base64 makes four bytes of three.
    maxBodyBytes: Math.ceil(options.maxMessageBytes / 3) * 4 + ENVELOPE_BYTES,
    onFault: options.onFault,
  });
  await server.listen();
  // The directory is 0700 already; this holds where somebody widened it.
  await chmod(options.socketPath, 0o600);
  return server;
}
