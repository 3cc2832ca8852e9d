/**
 * How the statements of conformance are written down: one test each, its title the number and what must hold. Those
 * about a conversation run against every release of go-plugin; the others need none. What the command
 * `npm run conformance` reads in the titles and reasons is made here and nowhere else.
 */
import { it, type TestContext } from 'node:test';
import { GO_PLUGIN_VERSIONS } from '../../test/support/go-programs.ts';
import { hasTools } from '../../test/support/tools.ts';

/** A release of go-plugin the statements are held against. */
export type Release = (typeof GO_PLUGIN_VERSIONS)[number];

const TIMEOUT_MS = 120_000;

/** Why a release has no part in a statement: a feature it does not have, or a cost that shows nothing new. */
export type Exceptions = Partial<Readonly<Record<Release, string>>>;

/** A statement held against the real library, release by release. */
export function statement(
  title: string,
  run: (t: TestContext, release: Release) => Promise<void>,
  exceptions: Exceptions = {},
): void {
  for (const release of GO_PLUGIN_VERSIONS) {
    const skip = exceptions[release] ?? false;
    it(`${title} [go-plugin ${release}]`, { timeout: TIMEOUT_MS, skip }, async (t) => {
      if (hasTools(t, ['go'])) await run(t, release);
    });
  }
}

/** A statement that recorded bytes, or an engine alone, can show. */
export function fixtureStatement(title: string, run: (t: TestContext) => Promise<void> | void): void {
  it(`${title} [fixture]`, { timeout: TIMEOUT_MS }, run);
}
