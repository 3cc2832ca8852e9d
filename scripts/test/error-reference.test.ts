import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { type ErrorCatalogue, readErrorCatalogues, renderErrorReference } from '../docs/error-reference.ts';

const root = resolve(import.meta.dirname, '../..');
const ENTRY = { temporary: true, meaning: 'A | B.', cause: 'C.', remedy: 'D.' };
const catalogue = (packageName: string, ...codes: readonly string[]): ErrorCatalogue => ({
  packageName,
  entries: new Map(codes.map((code) => [code, ENTRY])),
});

describe('the page of error codes', () => {
  it('shows every entry once, under its package', () => {
    const page = renderErrorReference([catalogue('one', 'ONE_A', 'ONE_B'), catalogue('two', 'TWO_A')]);
    const headings = [...page.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, ['one', 'ONE_A', 'ONE_B', 'two', 'TWO_A']);
    assert.match(page, /\| Meaning \| A \\\| B\. \|/);
  });

  it('cannot be written when two packages claim a code', () => {
    assert.throws(() => renderErrorReference([catalogue('one', 'SAME'), catalogue('two', 'SAME')]), /SAME/);
  });

  it('finds the catalogue of every package, each code with the prefix of its package', async () => {
    const prefixes = new Map([
      ['@smtp-router/go-plugin', /^(?:PLUGIN|YAMUX|GOB|RPC|GRPC)_/],
      ['@smtp-router/selector', /^SELECTOR_/],
      ['@smtp-router/smtp', /^SMTP_/],
      ['smtp-router', /^(?:ROUTER|CONFIG)_/],
    ]);
    for (const { packageName, entries } of await readErrorCatalogues(root)) {
      const prefix = prefixes.get(packageName);
      assert.ok(prefix, packageName);
      assert.deepEqual(
        [...entries.keys()].filter((code) => !prefix.test(code)),
        [],
      );
    }
  });
});
