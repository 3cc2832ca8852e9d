import assert from 'node:assert/strict';
import test from 'node:test';
import { findGroup } from '../../src/plugin/socket-group.ts';

test('a group is found by its whole name', () => {
  const groups = 'root:x:0:\nmailers:x:120:a,b\nmail:x:8:\nbroken\nodd:x:y:\n';
  assert.equal(findGroup(groups, 'mail'), 8);
  assert.equal(findGroup(groups, 'mailers'), 120);
  assert.equal(findGroup(groups, 'nobody'), undefined);
  assert.equal(findGroup(groups, 'broken'), undefined);
  assert.equal(findGroup(groups, 'odd'), undefined);
});
