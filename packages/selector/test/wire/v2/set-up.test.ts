import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SelectorError } from '../../../src/errors.ts';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_REPLY_V2,
  decodeConfigurationV2,
  decodeDescriptionV2,
  decodeProblemsV2,
  encodeConfigurationV2,
  encodeDescriptionV2,
  encodeProblemsV2,
} from '../../../src/wire/index.ts';
import { fromGob, gobBytes } from './gob-trip.ts';

describe('What a plugin says of itself', () => {
  it('comes through gob byte by byte, names of header fields in lower case and each once', () => {
    const bytes = gobBytes(
      DESCRIBE_REPLY_V2,
      encodeDescriptionV2({ name: 'by domain', version: '1.2', headers: ['X-Tag', 'x-tag', 'List-Id'] }),
    );
    assert.deepEqual(decodeDescriptionV2(fromGob(bytes, DESCRIBE_REPLY_V2, 1), 'mine'), {
      name: 'by domain',
      version: '1.2',
      headers: ['x-tag', 'list-id'],
    });
  });

  it('is cut and cleaned of what could break a line', () => {
    const { name, version } = decodeDescriptionV2(
      { Name: `a\nb${'c'.repeat(300)}`, Version: '\u001b[1m' },
      'mine',
    );
    assert.equal(name, `a b${'c'.repeat(197)}`);
    assert.equal(version, ' [1m');
  });

  it('may ask for every header field', () => {
    assert.deepEqual(decodeDescriptionV2({ Headers: ['x-a', '*'] }, 'mine').headers, ['*']);
  });

  const faults: readonly (readonly [string, unknown, string])[] = [
    ['a name with a colon', { Headers: ['Subject:'] }, 'SELECTOR_REPLY_SHAPE'],
    ['an empty name', { Headers: [''] }, 'SELECTOR_REPLY_SHAPE'],
    ['a name of 201 characters', { Headers: ['x'.repeat(201)] }, 'SELECTOR_REPLY_SHAPE'],
    ['a name that is a number', { Headers: [1] }, 'SELECTOR_REPLY_SHAPE'],
    ['more than 100 names', { Headers: Array.from({ length: 101 }, () => 'x') }, 'SELECTOR_REPLY_TOO_LONG'],
  ];
  for (const [what, value, code] of faults) {
    it(`is at fault for ${what}`, () => {
      assert.throws(
        () => decodeDescriptionV2(value, 'mine'),
        (error) => error instanceof SelectorError && error.code === code,
      );
    });
  }
});

describe('A configuration', () => {
  it('comes through gob byte by byte', () => {
    const configuration = { selector: 'mine', configJson: '{"a":[1,"ü"]}' };
    const bytes = gobBytes(CONFIGURE_REQUEST_V2, encodeConfigurationV2(configuration));
    assert.deepEqual(decodeConfigurationV2(fromGob(bytes, CONFIGURE_REQUEST_V2, 1)), configuration);
  });

  it('is complained about by path', () => {
    const problems = [
      { path: 'regions.eu[0]', message: 'no such downstream' },
      { path: '', message: 'is empty' },
    ];
    const bytes = gobBytes(CONFIGURE_REPLY_V2, encodeProblemsV2(problems));
    assert.deepEqual(decodeProblemsV2(fromGob(bytes, CONFIGURE_REPLY_V2, 1), 'mine'), problems);
  });

  it('is complained about within bounds', () => {
    const Problems = Array.from({ length: 1000 }, () => ({
      Path: 'p'.repeat(9000),
      Message: 'm\r\n'.repeat(900),
    }));
    const problems = decodeProblemsV2({ Problems }, 'mine');
    assert.equal(problems.length, 100);
    assert.equal(problems[0]?.path.length, 500);
    assert.match(problems[0]?.message ?? '', /^[m ]{500}$/);
  });
});
