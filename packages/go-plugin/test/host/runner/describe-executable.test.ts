import assert from 'node:assert/strict';
import test from 'node:test';
import { describeExecutable, describeHead } from '../../../src/host/runner/describe-executable.ts';

function elf(machine: number, isBigEndian = false): Buffer {
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, isBigEndian ? 2 : 1]);
  if (isBigEndian) head.writeUInt16BE(machine, 18);
  else head.writeUInt16LE(machine, 18);
  return head;
}

const OTHER =
  process.arch === 's390x' ? /ELF program for x64/ : /ELF program for s390x \(this machine is \w+\)/;

for (const [name, head, expected] of [
  ['nothing', Buffer.alloc(0), /^an empty file$/],
  ['text', Buffer.from('echo hello, I am a script without its first line'), /^no program$/],
  ['a few bytes', Buffer.from('MZ'), /^no program$/],
  ['a script', Buffer.from('#! /usr/bin/env python3\nprint()'), /^a script for \/usr\/bin\/env python3$/],
  ['a script with control characters', Buffer.from('#!/bin/\x1b[31msh\n'), /^a script for \/bin\/ \[31msh$/],
  ['a foreign ELF program', process.arch === 's390x' ? elf(0x3e) : elf(0x16, true), OTHER],
  ['an unknown processor', elf(0x1234), /ELF program for processor 4660/],
  ['a Mach-O program', Buffer.from('cffaedfe0c000001'.padEnd(64, '0'), 'hex'), /^a macOS program$/],
  ['a PE program', Buffer.from(`MZ${'\0'.repeat(40)}`), /^a Windows program$/],
] as const) {
  test(`${name} is described as what it is`, () => {
    assert.match(describeHead(head), expected);
  });
}

test('the running Node is described with its mode, a missing file not at all', async () => {
  assert.match((await describeExecutable(process.execPath)) ?? '', /program.*, mode [0-7]{3}$/);
  assert.equal(await describeExecutable('/nonexistent'), undefined);
});
