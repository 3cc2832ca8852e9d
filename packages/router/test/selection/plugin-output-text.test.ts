import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PluginOutput } from '@smtp-router/go-plugin/host';
import { outputText } from '../../src/selection/plugin-output-text.ts';

function logged(
  message: string,
  pairs: readonly (readonly [string, string | number | null])[] = [],
): PluginOutput {
  return { kind: 'log', record: { level: 'debug', message, pairs } };
}

describe('A line of a plugin in the log', () => {
  it('keeps level and message of a record, with its pairs behind', () => {
    const output = logged('chosen', [
      ['addr', 'a:25'],
      ['turn', 3],
      ['note', 'two words'],
      ['none', null],
      ['empty', ''],
    ]);
    assert.deepEqual(outputText(output, []), {
      level: 'debug',
      message: 'chosen addr=a:25 turn=3 note="two words" none=null empty=""',
    });
  });

  it('is info when printed on stdout, warn on stderr', () => {
    assert.deepEqual(outputText({ kind: 'print', stream: 'stdout', text: 'hello' }, []), {
      level: 'info',
      message: 'hello',
    });
    assert.equal(outputText({ kind: 'print', stream: 'stderr', text: 'oh' }, []).level, 'warn');
  });

  it('says how much of a flood was thrown away', () => {
    const { level, message } = outputText({ kind: 'dropped', stream: 'stderr', bytes: 123 }, []);
    assert.equal(level, 'warn');
    assert.match(message, /^123 bytes of stderr/);
  });

  it('cannot forge a second line and is cut to 2048 characters', () => {
    const { message } = outputText(logged(`a\r\n\u001b[31mb${'x'.repeat(5000)}`), []);
    assert.ok(message.startsWith('a   [31mbx'));
    assert.equal(message.length, 2048);
  });

  it('shows no secret the plugin was given, wherever it stands', () => {
    const secrets = ['hunter2', 'hunter2-long', ''];
    const record = logged('got hunter2-long', [
      ['pass', 'hunter2'],
      ['hunter2', 'x'],
      ['json', '{"p":"hunter2"}'],
    ]);
    const printed: PluginOutput = { kind: 'print', stream: 'stderr', text: '[{a:25 u hunter2}]' };
    assert.equal(
      outputText(record, secrets).message,
      'got [secret] pass=[secret] [secret]=x json="{\\"p\\":\\"[secret]\\"}"',
    );
    assert.equal(outputText(printed, secrets).message, '[{a:25 u [secret]}]');
  });
});
