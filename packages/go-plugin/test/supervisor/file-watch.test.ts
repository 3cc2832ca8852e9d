import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { FILE_LOOK_MS, FileWatch } from '../../src/supervisor/file-watch.ts';
import { isOpenForWriting } from '../../src/supervisor/open-for-writing.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { temporaryDirectory } from '../fixtures/plugin-fixture.ts';

const onLinux = { skip: process.platform !== 'linux' && 'the system does not tell who writes' };

/** A watched file that was `old` when the watch began; `isTaken` is what the watch is answered. */
async function watchFile(context: TestContext, names = ['plugin'], isTaken = true) {
  const directory = temporaryDirectory(context);
  const path = (name: string) => join(directory, name);
  for (const name of names) writeFileSync(path(name), 'old');
  const stage = { changes: 0, isTaken };
  const watch = new FileWatch({
    files: names.map(path),
    onChange: async () => {
      stage.changes += 1;
      return stage.isTaken;
    },
    clock: new ManualClock(),
  });
  await watch.open();
  context.after(() => watch.close());
  return { watch, path, stage };
}

test('a file renamed over another is taken up when it stands still, once', async (context) => {
  const { watch, path, stage } = await watchFile(context);
  await watch.look();
  writeFileSync(path('new'), 'new');
  renameSync(path('new'), path('plugin'));
  await watch.look();
  assert.equal(stage.changes, 0);
  for (let look = 0; look < 3; look += 1) await watch.look();
  assert.equal(stage.changes, 1);
});

test('a file copied over in pieces is taken up after the last piece', onLinux, async (context) => {
  const { watch, path, stage } = await watchFile(context);
  const file = openSync(path('plugin'), 'w');
  for (const piece of ['half ', 'of ', 'it']) {
    writeSync(file, piece);
    for (let look = 0; look < 3; look += 1) await watch.look();
  }
  assert.equal(stage.changes, 0, 'it is open for writing');
  closeSync(file);
  await watch.look();
  assert.equal(stage.changes, 1);
});

test('a file that changes with every look is never taken up before it rests', async (context) => {
  const { watch, path, stage } = await watchFile(context);
  for (let size = 1; size < 6; size += 1) {
    writeFileSync(path('plugin'), 'x'.repeat(10 * size));
    await watch.look();
  }
  assert.equal(stage.changes, 0);
  await watch.look();
  assert.equal(stage.changes, 1);
});

test('another directory behind a symbolic link on the way is a change', async (context) => {
  const directory = temporaryDirectory(context);
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(directory, version));
    writeFileSync(join(directory, version, 'plugin'), 'same size');
  }
  symlinkSync('v1', join(directory, 'current'));
  let changes = 0;
  const onChange = async (): Promise<boolean> => {
    changes += 1;
    return true;
  };
  const files = [join(directory, 'current', 'plugin')];
  const watch = new FileWatch({ files, onChange, clock: new ManualClock() });
  await watch.open();
  symlinkSync('v2', join(directory, 'next'));
  renameSync(join(directory, 'next'), join(directory, 'current'));
  await watch.look();
  await watch.look();
  assert.equal(changes, 1);
  watch.close();
});

test('a file that is removed is waited for', async (context) => {
  const { watch, path, stage } = await watchFile(context);
  rmSync(path('plugin'));
  for (let look = 0; look < 3; look += 1) await watch.look();
  assert.equal(stage.changes, 0);
  writeFileSync(path('plugin'), 'new');
  await watch.look();
  await watch.look();
  assert.equal(stage.changes, 1);
});

test('every listed file counts', async (context) => {
  const { watch, path, stage } = await watchFile(context, ['plugin.py', 'rules.py']);
  for (const name of ['rules.py', 'plugin.py']) {
    writeFileSync(path(name), `changed ${name}`);
    await watch.look();
    await watch.look();
  }
  assert.equal(stage.changes, 2);
});

test('a change that could not be taken up is offered again', async (context) => {
  const { watch, path, stage } = await watchFile(context, ['plugin'], false);
  writeFileSync(path('plugin'), 'changed');
  for (let look = 0; look < 3; look += 1) await watch.look();
  assert.equal(stage.changes, 2);
  stage.isTaken = true;
  await watch.look();
  await watch.look();
  assert.equal(stage.changes, 3);
});

test('looks follow one another until the watch is closed', async (context) => {
  const directory = temporaryDirectory(context);
  const file = join(directory, 'plugin');
  writeFileSync(file, 'old');
  const clock = new ManualClock();
  const told = Promise.withResolvers<void>();
  const onChange = async (): Promise<boolean> => {
    told.resolve();
    return true;
  };
  const watch = new FileWatch({ files: [file], onChange, clock });
  await watch.open();
  assert.equal(clock.pendingTimers, 1);
  writeFileSync(file, 'changed');
  let isTold = false;
  const telling = told.promise.then(() => {
    isTold = true;
  });
  while (!isTold) await clock.advance(FILE_LOOK_MS);
  await telling;
  watch.close();
  assert.equal(clock.pendingTimers, 0);
});

test('without files there is nothing to look at', async () => {
  const clock = new ManualClock();
  const watch = new FileWatch({ files: [], onChange: async () => true, clock });
  await watch.open();
  assert.equal(clock.pendingTimers, 0);
});

test('who reads a file is not taken for who writes it', onLinux, async (context) => {
  const { path } = await watchFile(context);
  const reading = openSync(path('plugin'), 'r');
  assert.equal(await isOpenForWriting(path('plugin')), false);
  const writing = openSync(path('plugin'), 'a');
  assert.equal(await isOpenForWriting(path('plugin')), true);
  closeSync(writing);
  assert.equal(await isOpenForWriting(path('plugin')), false);
  closeSync(reading);
  assert.equal(await isOpenForWriting(path('missing')), false);
});
