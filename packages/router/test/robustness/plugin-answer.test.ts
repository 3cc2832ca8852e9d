import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixturePath } from '../support/fixture-path.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { Arena, assertOneLine } from './arena.ts';

test('Plugin answer injection: an answer is a key into the list just offered, and never an address, a command or a line', async (t) => {
  const [one, two, elsewhere] = [await Arena.sink(t), await Arena.sink(t), await Arena.sink(t)];
  const directory = new TemporaryDirectory();
  t.after(() => directory.remove());
  const answer = directory.file('answer');
  writeFileSync(answer, two.addr);
  const arena = await Arena.open(t, {
    sinks: [one, two],
    selector: 'hostile',
    yaml: `selectors: { hostile: { plugin: ${JSON.stringify(fixturePath('answers.ts'))}, timeout: 20s, env: { ANSWER: ${JSON.stringify(answer)} } } }`,
  });
  await arena.router.until((event) => event.kind === 'plugin-state-changed' && event.state === 'ready');
  const client = await arena.router.client();
  assert.match(await client.send(), /^250 .*two/, 'an honest answer is followed');
  const injections = [
    elsewhere.addr,
    '',
    ' ',
    '..',
    'one',
    '__proto__',
    `${two.addr}\r\nRCPT TO:<evil@example.com>`,
    `${two.addr}\0`,
    ` ${two.addr}`,
    `user:pass@${two.addr}`,
    `${two.addr}/../${elsewhere.addr}`,
    `\u001b[31m${elsewhere.addr}\u2028\u0085`,
    'x'.repeat(900_000),
  ];
  for (const injected of injections) {
    writeFileSync(answer, injected);
    const reply = await client.send();
    assert.match(reply, /^250 2\.0\.0 Ok: relayed via one, id [\x20-\x7e]+$/, injected.slice(0, 60));
  }
  client.drop();
  assert.equal(one.mails.length, injections.length, 'each went by the fallback');
  assert.equal(two.mails.length, 1);
  assert.deepEqual([...elsewhere.lines, ...one.lines.filter((line) => line.includes('evil'))], []);
  const faults = arena.router.events.filter(
    (event) => event.kind === 'selection-ended' && event.selection.decidedBy === 'fallback',
  );
  assert.equal(faults.length, injections.length, 'and is reported');
  for (const line of arena.router.logLines) {
    assert.ok(line.length < 5_000, 'an answer is cut before it is logged');
    assertOneLine(line);
  }
});
