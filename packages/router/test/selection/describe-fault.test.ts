import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GO_PLUGIN_ERRORS, PluginError, type PluginErrorCode } from '@smtp-router/go-plugin/errors';
import { describeFault, describeFaultAndRemedy } from '../../src/selection/describe-fault.ts';

describe('A fault in words', () => {
  it('names the plugin once', () => {
    assert.equal(describeFault('mine', new Error('gone.')), 'Plugin "mine": gone.');
    assert.equal(
      describeFault('mine', new Error('The plugin "mine" is gone.')),
      'The plugin "mine" is gone.',
    );
    assert.equal(describeFault('mine', 'not an error'), 'Plugin "mine": an unknown fault');
  });

  it('says what to do for every code of the catalogue', () => {
    for (const [code, { remedy }] of Object.entries(GO_PLUGIN_ERRORS)) {
      const error = new PluginError(code as PluginErrorCode, 'It failed.');
      assert.equal(describeFaultAndRemedy('mine', error), `Plugin "mine": It failed. ${remedy}`);
    }
  });

  it('leaves it at the advice a message brings itself', () => {
    const error = new PluginError('PLUGIN_FILE_NOT_FOUND', './mine does not exist; build the plugin.');
    assert.equal(
      describeFaultAndRemedy('mine', error),
      'Plugin "mine": ./mine does not exist; build the plugin.',
    );
  });
});
