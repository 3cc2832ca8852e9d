/** How commands ask a running router: one HTTP request over its control socket. */
import { request } from 'node:http';
import { RouterError } from '../errors.ts';

export interface ControlRequest {
  readonly socketPath: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** Longest wait for the whole answer. */
  readonly timeoutMs: number;
}

/** Largest answer that is read. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * The decoded JSON of a 200. Rejects with `ROUTER_NOT_RUNNING` when nobody listens, with the code the
 * router answered, or with `ROUTER_CONTROL_FAILED`.
 */
export async function askRouter(options: ControlRequest): Promise<unknown> {
  const { status, text } = await exchange(options);
  const answer = parseAnswer(text, options);
  if (status === 200) return answer;
  const reason = messageIn(answer) ?? `it answered ${status}`;
  throw new RouterError('ROUTER_CONTROL_FAILED', `The router refused the command: ${reason}`);
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function exchange(options: ControlRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        socketPath: options.socketPath,
        method: options.method,
        path: options.path,
        headers: { host: 'control', 'content-type': 'application/json' },
        signal: AbortSignal.timeout(options.timeoutMs),
      },
      (response) => {
        const chunks: Uint8Array[] = [];
        let size = 0;
        response.on('data', (chunk: Uint8Array) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) asking.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('error', (error) => reject(controlFailure(error, options)));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    asking.on('error', (error) => reject(controlFailure(error, options)));
    asking.end(options.body);
  });
}

/** Nobody listens on a socket that is not there or refuses. */
const ABSENT: readonly string[] = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'];

function controlFailure(error: unknown, { socketPath, timeoutMs }: ControlRequest): RouterError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (ABSENT.includes(code)) {
    const message = `No router is running here (${socketPath}).`;
    return new RouterError('ROUTER_NOT_RUNNING', message, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `${socketPath} belongs to the router of another user.`;
    return new RouterError('ROUTER_CONTROL_FAILED', message, { cause: error });
  }
  const isTimeout = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
  const reason = isTimeout ? `no answer within ${timeoutMs} ms` : `the connection broke off`;
  const message = `The router did not answer over ${socketPath}: ${reason}.`;
  return new RouterError('ROUTER_CONTROL_FAILED', message, { cause: error });
}

function parseAnswer(text: string, { socketPath }: ControlRequest): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `What listens on ${socketPath} is no router of this release.`;
    throw new RouterError('ROUTER_CONTROL_FAILED', message, { cause: error });
  }
}

function messageIn(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : undefined;
}
