import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { findPlugin } from '../../src/config/plugin-words.ts';
import { readSettings } from '../../src/config/settings-file.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';

const directory = new TemporaryDirectory();
after(() => directory.remove());

const script = directory.file('mine.ts');
writeFileSync(script, '');
const program = directory.file('tool');
writeFileSync(program, '#!/bin/sh\n');
chmodSync(program, 0o755);

const surroundings = { cwd: directory.path, env: { PATH: directory.path }, execPath: '/node' };

describe('a plugin on the command line', () => {
  test('one word is a file, run by Node where it is a script', () => {
    assert.deepEqual(findPlugin(['mine.ts'], surroundings).command, ['/node', script]);
    assert.deepEqual(findPlugin(['./tool'], surroundings).command, [program]);
  });

  test('several words are a command, looked up in PATH', () => {
    assert.deepEqual(findPlugin(['tool', 'mine.ts'], surroundings).command, [program, 'mine.ts']);
  });

  test('what is not there is named, and what may not be run', () => {
    assert.throws(() => findPlugin(['other.ts'], surroundings), { code: 'CONFIG_PLUGIN_MISSING' });
    assert.throws(() => findPlugin(['nonsense', 'x'], surroundings), { code: 'CONFIG_PLUGIN_MISSING' });
    writeFileSync(directory.file('data'), '');
    assert.throws(() => findPlugin(['./data'], surroundings), { code: 'CONFIG_PLUGIN_NOT_EXECUTABLE' });
  });
});

describe('the config of a plugin in a file', () => {
  test('is YAML or JSON, and its places are known', () => {
    const file = directory.file('config.yaml');
    writeFileSync(file, 'domains:\n  example.org: [ses]\n');
    const settings = readSettings(file);
    assert.equal(settings.json, '{"domains":{"example.org":["ses"]}}');
    assert.equal(settings.locate('domains["example.org"]'), `${file}:2:16 domains["example.org"]`);
    writeFileSync(file, '{"a": 1}');
    assert.equal(readSettings(file).json, '{"a":1}');
  });

  test('a file that is none is named with line and column', () => {
    const file = directory.file('bad.yaml');
    assert.throws(() => readSettings(file), { code: 'CONFIG_UNREADABLE' });
    writeFileSync(file, 'a: [1\nb: 2\n');
    assert.throws(() => readSettings(file), { code: 'CONFIG_SYNTAX', message: /bad\.yaml:\d+:\d+ / });
    writeFileSync(file, 'a: .inf\n');
    assert.throws(() => readSettings(file), {
      code: 'CONFIG_BAD_VALUE',
      message: /bad\.yaml:1:4 a: must be/,
    });
  });
});
