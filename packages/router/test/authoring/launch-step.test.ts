import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GO_PLUGIN_ERRORS } from '@smtp-router/go-plugin/errors';
import { failedLaunchStep, LAUNCH_STEPS, stepsPassedBefore } from '../../src/authoring/launch-step.ts';

test('every code of a launch belongs to its step', () => {
  const steps = new Map(Object.keys(GO_PLUGIN_ERRORS).map((code) => [code, failedLaunchStep(code)]));
  assert.equal(steps.get('PLUGIN_FILE_NOT_EXECUTABLE'), 'start');
  assert.equal(steps.get('PLUGIN_EXITED_EARLY'), 'handshake');
  assert.equal(steps.get('PLUGIN_VERSION_UNSUPPORTED'), 'version');
  assert.equal(steps.get('PLUGIN_TCP_REFUSED'), 'transport');
  assert.equal(steps.get('PLUGIN_TLS_REQUIRED'), 'tls');
  assert.equal(steps.get('PLUGIN_HANDSHAKE_CERTIFICATE'), 'tls');
  assert.equal(steps.get('PLUGIN_CONNECT_FAILED'), 'connect');
  const handshake = [...steps].filter(([code]) => code.startsWith('PLUGIN_HANDSHAKE_'));
  assert.deepEqual(
    handshake.filter(([, step]) => step !== 'handshake').map(([code]) => code),
    ['PLUGIN_HANDSHAKE_CERTIFICATE'],
  );
});

test('what was gone through before a step is known by it', () => {
  assert.deepEqual(stepsPassedBefore('start'), []);
  assert.deepEqual(stepsPassedBefore('handshake'), []);
  assert.deepEqual(stepsPassedBefore('transport'), ['handshake', 'version']);
  assert.deepEqual(stepsPassedBefore('connect'), LAUNCH_STEPS.slice(1, -1));
});
