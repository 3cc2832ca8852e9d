/** Explains random mails and sends each right afterwards: both must tell the same. */
import assert from 'node:assert/strict';
import type {
  ExplainedRoute,
  ExplainRequest,
  ExplainResult,
  SendRequest,
  SendResult,
} from '../../src/control/control-message.ts';
import { SeededRandom } from '../../src/selection/seeded-random.ts';

/** A running router, in this process or behind its control socket. */
export interface ExplainingRouter {
  explain(request: ExplainRequest): Promise<ExplainResult>;
  send(request: SendRequest): Promise<SendResult>;
}

export interface AgreementOptions {
  readonly users: readonly string[];
  readonly messages: number;
  readonly seed: number;
}

/** How many mails there were of each kind, so that a test sees what it covered. */
export interface AgreementCounts {
  readonly byUser: ReadonlyMap<string, number>;
  /** Mails whose first candidate took them; later ones; nobody. */
  readonly first: number;
  readonly later: number;
  readonly nobody: number;
}

const SENDERS: readonly string[] = ['a@one.example', 'b@two.example', ''];
const RECIPIENTS = ['x@red.example', 'y@blue.example', 'z@green.example', 'Postmaster@blue.example'];
const SUBJECTS = ['plain', 'c\u00e4f\u00e9', ''];

/** Throws an `AssertionError` at the first mail about which they differ. */
export async function assertAgreement(
  router: ExplainingRouter,
  { users, messages, seed }: AgreementOptions,
): Promise<AgreementCounts> {
  const random = new SeededRandom(seed);
  const byUser = new Map<string, number>();
  const counts = { first: 0, later: 0, nobody: 0 };
  for (let number = 0; number < messages; number += 1) {
    const mail = randomMail(random, users);
    const explained = await router.explain({ ...mail, isAskedAnyway: false });
    const sent = await router.send(mail);
    assertAgree(mail, explained, sent);
    byUser.set(mail.user, (byUser.get(mail.user) ?? 0) + 1);
    const asked = askedBy(sent).length;
    counts[sent.reply.code !== 250 ? 'nobody' : asked === 1 ? 'first' : 'later'] += 1;
  }
  return { byUser, ...counts };
}

function randomMail(random: SeededRandom, users: readonly string[]): SendRequest {
  const pick = (values: readonly string[]): string => values[Math.floor(random.next() * values.length)] ?? '';
  const user = pick(users);
  const from = pick(SENDERS);
  const to = RECIPIENTS.filter(() => random.next() < 0.4);
  const text = [`From: <${from || 'daemon@one.example'}>`, `Subject: ${pick(SUBJECTS)}`, '', 'hello', ''];
  return {
    user,
    from,
    to: to.length > 0 ? to : ['x@red.example'],
    content: Buffer.from(text.join('\r\n'), 'utf8'),
  };
}

function assertAgree(mail: SendRequest, explained: ExplainResult, sent: SendResult): void {
  const what = `${mail.user} from <${mail.from}> to ${mail.to.join()}`;
  const { durationMs: _one, ...foretold } = explained.selection;
  const { durationMs: _other, ...made } = { durationMs: 0, ...sent.selection };
  assert.deepEqual(made, foretold, what);
  if (!explained.isAnyoneAsked) {
    assert.deepEqual(askedBy(sent), [], what);
    assert.equal(withoutId(sent.reply), explained.reply && withoutId(explained.reply), what);
    return;
  }
  for (const route of explained.routes) {
    const ids = route.recipients.map((address) => mail.to.indexOf(address));
    assertRoute(
      route,
      sent.attempts.filter(({ recipientIds: [first = -1] }) => ids.includes(first)),
      what,
    );
  }
}

function assertRoute({ candidates }: ExplainedRoute, attempts: SendResult['attempts'], what: string): void {
  const asked = askedBy({ attempts });
  const tried = candidates
    .filter(({ passedOver }) => passedOver === undefined)
    .map(({ downstream }) => downstream);
  assert.deepEqual(asked, tried.slice(0, asked.length), what);
  assert.equal(asked.length > 0, tried.length > 0, what);
  for (const attempt of attempts) {
    const code = ownRefusal(attempt);
    if (code === undefined) continue;
    const candidate = candidates.find(({ downstream }) => downstream === attempt.downstreamId);
    assert.equal(candidate?.passedOver?.code, code, what);
  }
}

/** Downstreams that were really asked, in order; one that took the recipients in parts once. */
function askedBy({ attempts }: Pick<SendResult, 'attempts'>): readonly string[] {
  const asked = attempts.filter((attempt) => ownRefusal(attempt) === undefined);
  return asked.map(({ downstreamId }) => downstreamId).filter((name, index, all) => name !== all[index - 1]);
}

/** Refusals nobody has to be asked for. */
const OWN_REFUSALS: readonly string[] = [
  'ROUTER_SENDER_NOT_VERIFIED',
  'ROUTER_FROM_NOT_REWRITABLE',
  'ROUTER_TOO_MANY_RECIPIENTS',
  'ROUTER_8BITMIME_NOT_OFFERED',
  'ROUTER_SMTPUTF8_NOT_OFFERED',
  'ROUTER_SIZE_EXCEEDED',
];

function ownRefusal({ outcomes }: SendResult['attempts'][number]): string | undefined {
  const [outcome] = outcomes;
  const code = outcome === undefined || outcome.kind === 'delivered' ? undefined : outcome.errorCode;
  return code !== undefined && OWN_REFUSALS.includes(code) ? code : undefined;
}

/** The number of the message is its own. */
function withoutId({ code, text }: SendResult['reply']): string {
  return `${code} ${text}`.replace(/ \(id [^)]*\)$|, id \w+$/, '');
}
