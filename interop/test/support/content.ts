/**
 * What became of a message's content on its way: the trace header taken off, and a comparison that can be read.
 */
import assert from 'node:assert/strict';

/** A trace header is a few hundred bytes; what others put in front of it is not much more. */
const FRONT_LENGTH = 8192;

/**
 * The content behind the one Received field the router put in front, and insists that it is there. Fields that a
 * server behind the router added stand before it and are dropped with it. `content` is text of one character a byte,
 * `client` the name given in EHLO.
 */
export function behindTrace(content: string, lineEnd: '\n' | '\r\n', client = 'client.example.com'): string {
  const front = content.slice(0, FRONT_LENGTH);
  const trace = [...front.matchAll(/^Received: [^\n]*\n(?:[ \t][^\n]*\n)*/gm)].find(([field]) =>
    /by router\.example\.com/.test(field),
  );
  assert.ok(trace, `no trace header of the router in ${JSON.stringify(front.slice(0, 500))}`);
  assert.ok(trace[0].startsWith(`Received: from ${client} `), trace[0]);
  assert.ok(trace[0].endsWith(lineEnd));
  return content.slice(trace.index + trace[0].length);
}

/** Like `assert.equal`, but does not print megabytes. */
export function assertSame(actual: string, expected: string): void {
  if (actual === expected) return;
  let at = 0;
  while (at < expected.length && actual[at] === expected[at]) at += 1;
  const from = Math.max(0, at - 40);
  const shown = [actual, expected].map((text) => JSON.stringify(text.slice(from, at + 80)));
  assert.fail(
    `differs at ${at} (${actual.length} of ${expected.length} bytes): got ${shown[0]}, sent ${shown[1]}`,
  );
}
