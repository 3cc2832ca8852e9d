/**
 * What a run of the test runner comes to.
 */
import type { TestEvent } from 'node:test/reporters';

/** Counts of one run; suites are not counted, only the tests in them. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** Skipped and marked as to do. */
  readonly skipped: number;
  /** `title: reason` of each skipped test. */
  readonly skips: readonly string[];
}

/** Before anything ran. */
export const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0, skips: [] };

/** The counts after one more event. */
export function countEvent(counts: TestCounts, event: TestEvent): TestCounts {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return counts;
  if (event.data.details.type === 'suite') return counts;
  if (event.type === 'test:fail') return { ...counts, failed: counts.failed + 1 };
  const reason = skipReason(event.data);
  if (reason === undefined) return { ...counts, passed: counts.passed + 1 };
  const skips = [...counts.skips, `${event.data.name}: ${reason}`];
  return { ...counts, skipped: counts.skipped + 1, skips };
}

/** All runs taken together. */
export function sumCounts(all: readonly TestCounts[]): TestCounts {
  return {
    passed: all.reduce((total, { passed }) => total + passed, 0),
    failed: all.reduce((total, { failed }) => total + failed, 0),
    skipped: all.reduce((total, { skipped }) => total + skipped, 0),
    skips: all.flatMap(({ skips }) => skips),
  };
}

/** `12 passed, 0 failed, 1 skipped` */
export function formatCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

interface SkipData {
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
}

function skipReason({ skip, todo }: SkipData): string | undefined {
  const reason = skip ?? todo ?? false;
  if (reason === false) return undefined;
  return reason === true || reason === '' ? 'no reason given' : reason;
}
