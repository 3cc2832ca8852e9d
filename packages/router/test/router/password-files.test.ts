/** Passwords in files, changed under a running router: from the file to the wire. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { MailClient } from '../support/mail-client.ts';
import { MailSink } from '../support/mail-sink.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { LOGIN, TestRouter } from '../support/test-router.ts';

test('Password files that change are used without a restart, and a bad one is told and ignored', async () => {
  const secrets = new TemporaryDirectory();
  const ofDownstream = secrets.file('downstream');
  const ofUser = secrets.file('user');
  writeFileSync(ofDownstream, 'wrong-at-first');
  writeFileSync(ofUser, 'client-first\n');
  const sink = await MailSink.open({ login: { user: 'relay', password: 'right-at-last' } });
  const router = await TestRouter.start({
    downstreams: [`ses: { addr: "${sink.addr}", user: relay, pass_file: ${JSON.stringify(ofDownstream)} }`],
    passwordFile: ofUser,
  });
  const changed = (owners: string, isGood: boolean) =>
    router.until(
      (event) =>
        event.kind === 'secret-changed' &&
        event.owners === owners &&
        (event.problem === undefined) === isGood,
    );
  try {
    const client = await MailClient.open(router.address, { ...LOGIN, password: 'client-first' });
    assert.match(await client.send(), /^451 /);
    const isDown = (state: string) => (event: { readonly kind: string }) =>
      event.kind === 'downstream-state-changed' && 'state' in event && event.state === state;
    await router.until(isDown('down'));

    writeFileSync(ofDownstream, '');
    await changed('downstream ses', false);
    writeFileSync(ofDownstream, 'right-at-last\n');
    await changed('downstream ses', true);
    await router.until(isDown('up'));
    assert.match(await client.send(), /^250 /);
    client.drop();

    writeFileSync(ofUser, 'client-second');
    await changed(`user ${LOGIN.user}`, true);
    await assert.rejects(MailClient.open(router.address, { ...LOGIN, password: 'client-first' }), /535/);
    const next = await MailClient.open(router.address, { ...LOGIN, password: 'client-second' });
    assert.match(await next.send(), /^250 /);
    next.drop();
    const log = router.logLines.join('');
    assert.match(log, /new password in use: downstream ses/);
    assert.match(log, /the former password of downstream ses stays: .* must hold one line with the password/);
    assert.doesNotMatch(log, /right-at-last|client-second|client-first/);
  } finally {
    await router.stop();
    await sink.close();
    secrets.remove();
  }
});
