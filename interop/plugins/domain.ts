// A selector of version 2: recipients of the domains in its config go by a downstream of their own, and mail with
// `X-Block: yes` is refused. Served over what its first argument names.
import {
  type ConfigureProblem,
  type SelectReply,
  type SelectRequest,
  serveSelector,
} from '@smtp-router/selector';

const domains = new Map<string, string>();

/** Takes `{ DOMAIN: DOWNSTREAM }`. */
function configure(config: unknown): readonly ConfigureProblem[] {
  const problems: ConfigureProblem[] = [];
  for (const [domain, id] of Object.entries(config ?? {})) {
    if (typeof id === 'string') domains.set(domain, id);
    else problems.push({ path: `[${JSON.stringify(domain)}]`, message: 'must name a downstream' });
  }
  return problems;
}

function select({ envelope, message, downstreams }: SelectRequest): SelectReply {
  if (message.headers.some(({ value }) => value === 'yes')) {
    return { kind: 'reject', code: 554, text: 'Blocked', reason: `blocked ${message.subject}` };
  }
  const byCandidates = Map.groupBy(envelope.recipients, ({ domain }) => domains.get(domain));
  const routes = [...byCandidates].map(([own, recipients]) => ({
    recipientIds: recipients.map(({ id }) => id),
    candidateIds: own === undefined ? downstreams.map(({ id }) => id) : [own],
  }));
  return { kind: 'route', routes, reason: 'by domain' };
}

const transport = process.argv[2] === 'grpc' ? 'grpc' : 'netrpc';

await serveSelector({ name: 'domain', version: '1', headers: ['X-Block'], configure, select, transport });
