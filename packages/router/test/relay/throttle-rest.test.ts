import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { healthVerdict } from '../../src/relay/health-verdict.ts';
import { judgeAttempt } from '../../src/relay/judge-attempt.ts';
import { MAX_REST_MS, MIN_REST_MS, throttleRest } from '../../src/relay/throttle-rest.ts';

/** Reply and rest in seconds. */
const REPLIES: readonly (readonly [string, number])[] = [
  ['450 4.7.1 too much mail, try again in 300 seconds', 300],
  ['421 4.7.0 rate limit, please retry your request after 5 minutes', 300],
  ['454 4.7.0 Throttled. Retry-After: 90', 90],
  ['421 4.7.0 Rate limit exceeded, wait for at least 2 h', 3_600],
  ['451 Too many messages, try again later, in 10 min', 600],
  ['421 4.7.0 rate limit, try again in 0 seconds', 1],
  ['421 4.7.0 rate limit, try again in 999999 hours', 3_600],
  ['454 Throttling failure: Maximum sending rate exceeded.', 2],
  ['454 Throttling failure: Daily message quota exceeded.', 3_600],
  ['550 5.4.5 Daily user sending limit exceeded', 3_600],
  ['550 5.7.705 Access denied, tenant has exceeded threshold', 3_600],
  ['554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException', 3_600],
  ['452 Too many messages this hour: 100 per hour', 600],
  ['421 4.3.2 The maximum number of concurrent connections has exceeded a limit', 15],
  ['421 4.7.0 Error: too many connections from 192.0.2.1', 15],
  ['421 4.7.28 Our system has detected an unusual rate of mail', 60],
  ['451 4.7.500 Server busy. Please try again later', 60],
];

for (const [reply, seconds] of REPLIES) {
  test(`"${reply}" rests for ${seconds} s`, () => {
    const [, code = '', enhancedCode, line = ''] = /^(\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$/.exec(reply) ?? [];
    const parsed = { code: Number(code), lines: [line], ...(enhancedCode !== undefined && { enhancedCode }) };
    assert.equal(throttleRest(parsed), seconds * 1_000);
  });
}

test('A throttle reply is told to the health of the downstream with its time', () => {
  const reply = { code: 451, lines: ['rate limit, try again in 30 seconds'] };
  const report = {
    startedAt: 0,
    durationMs: 1,
    recipientReplies: [],
    end: { kind: 'replied', phase: 'mail', reply },
  } as const;
  assert.deepEqual(healthVerdict(judgeAttempt('ses', report, 1)), {
    kind: 'blamed',
    blame: 'throttle',
    message:
      'Downstream ses answered 451 rate limit, try again in 30 seconds (phase mail). It rests for 30 s.',
    restMs: 30_000,
  });
});

test('Whatever a reply says, the rest has its bounds', () => {
  const word = fc.constantFrom('try', 'again in', 'after', 'wait', '9', '0', 's', 'hours', '.', ' ', 'daily');
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 30 }), (words) => {
      const restMs = throttleRest({ code: 451, lines: [words.join(' ')] });
      assert.ok(restMs >= MIN_REST_MS && restMs <= MAX_REST_MS, `${restMs}`);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) },
  );
});
