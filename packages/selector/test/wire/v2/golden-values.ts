/** The values of `selector-v2-go.json` in the words of the contract. */
import type { SelectReply, SelectRequest } from '../../../src/contract/index.ts';
import { requestWith, viewWith } from '../../../src/contract/index.ts';

export const GOLDEN_REQUESTS: readonly SelectRequest[] = [
  {
    contractVersion: 2,
    requestId: 'm1-2',
    dryRun: true,
    timeoutMs: 2000,
    attempt: 2,
    now: 1_764_000_000_123,
    seed: 2 ** 53 - 1,
    session: {
      listener: '127.0.0.1:2525',
      clientAddress: '192.0.2.7',
      helo: 'client.example',
      isTls: true,
      user: 'app@example.com',
    },
    envelope: {
      mailFrom: 'sender@example.com',
      mailParameters: ['BODY=8BITMIME', 'SMTPUTF8'],
      recipients: [
        { id: 0, address: 'ä@Example.org', domain: 'example.org' },
        { id: 4_294_967_295, address: 'postmaster', domain: '' },
      ],
    },
    message: {
      sizeBytes: 52_428_800,
      messageId: '<1@x>',
      subject: 'Grüße',
      from: 'jane@example.com',
      headers: [
        { name: 'X-Tag', value: 'news' },
        { name: 'X-Empty', value: '' },
      ],
    },
    downstreams: [
      {
        id: 'ses',
        addr: 'ses.example:587',
        user: 'AKIA',
        weight: 3,
        labels: { region: 'eu' },
        cost: 0.1,
        hasCost: true,
        capabilities: {
          known: true,
          maxSizeBytes: 41_943_040,
          has8bitMime: true,
          hasSmtpUtf8: true,
          hasDsn: true,
          hasChunking: true,
        },
        state: 'throttled',
        latencyMs: 120,
        hasLatency: true,
        inFlight: 7,
      },
      viewWith({ id: 'own', addr: 'own.example:25', weight: 0, state: 'up' }),
    ],
    history: [
      {
        downstreamId: 'own',
        recipientIds: [0, 4_294_967_295],
        startedAt: -1,
        durationMs: 35,
        phase: 'rcpt',
        code: 451,
        enhancedCode: '4.7.1',
        text: 'greylisted',
        kind: 'deferred',
      },
    ],
  },
  requestWith({ requestId: 'm2-1' }),
];

export const GOLDEN_REPLIES: readonly SelectReply[] = [
  {
    kind: 'route',
    routes: [
      { recipientIds: [0], candidateIds: ['ses', 'own'] },
      { recipientIds: [4_294_967_295], candidateIds: ['own'] },
    ],
    reason: 'by domain',
  },
  { kind: 'reject', code: 554, text: 'no', reason: 'blocked' },
  { kind: 'route', routes: [], reason: '' },
];
