/** Asks the queue of a running router, or the spool itself when no router runs. */
import { formatProblem } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import { askRouter } from '../control/control-request.ts';
import {
  answerQueue,
  parseQueueAnswer,
  type QueueAnswer,
  type QueueRequest,
} from '../control/queue-request.ts';
import { RouterError } from '../errors.ts';
import { createSpoolStore } from '../router-spool.ts';
import { controlSocketOf } from './control-socket.ts';

/** A change of a hundred thousand recipients takes a while. */
const ANSWER_TIMEOUT_MS = 120_000;

/** The answer of whoever has the spool. */
export async function askQueue(configFile: string, request: QueueRequest): Promise<QueueAnswer> {
  try {
    const answer = await askRouter({
      socketPath: controlSocketOf(configFile),
      method: 'POST',
      path: '/v1/queue',
      body: JSON.stringify(request),
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
    return parseQueueAnswer(answer);
  } catch (error) {
    if (!(error instanceof RouterError) || error.code !== 'ROUTER_NOT_RUNNING') throw error;
    return askStore(configFile, request);
  }
}

async function askStore(configFile: string, request: QueueRequest): Promise<QueueAnswer> {
  const loaded = loadConfig(configFile);
  if (loaded.kind === 'bad') {
    const [problem] = loaded.problems;
    const message = problem === undefined ? `${configFile} cannot be used.` : formatProblem(problem);
    throw new RouterError(problem?.code ?? 'CONFIG_UNREADABLE', message);
  }
  const store = createSpoolStore(loaded.config, { isOwner: false, onFault: () => {} });
  try {
    await store?.open();
    return await answerQueue(store, request);
  } finally {
    await store?.close();
  }
}
