/** Run by log-destination.test.ts: logs to standard output in the format of its first argument. */
import { createLogSink } from '../../src/telemetry/log-sink.ts';

const [, , format, ending] = process.argv;
const sink = createLogSink({
  level: 'info',
  format: format === 'pretty' ? 'pretty' : 'auto',
  addresses: 'full',
});
for (let index = 0; index < (ending === 'drain-broken' ? 0 : 500); index += 1) {
  sink.emit({
    kind: 'plugin-output',
    plugin: 'mine',
    pid: 1,
    level: index % 100 === 99 ? 'warn' : 'info',
    message: `line ${index}`,
  });
}
if (ending === 'exit') process.exit(3);
if (ending === 'throw') throw new Error('unexpected');
if (ending === 'drained') {
  await sink.drained();
  process.kill(process.pid, 'SIGKILL');
}
if (ending === 'drain-broken') {
  // The last lines meet a pipe nobody reads any more, and nothing was written before to find it out.
  sink.emit({ kind: 'router-state-changed', state: 'stopped' });
  await sink.drained();
  process.exit(0);
}
if (ending === 'linger') {
  // Goes on logging to a reader that has gone away; ends well when it is not harmed by that.
  let left = 20;
  const timer = setInterval(() => {
    sink.emit({ kind: 'router-state-changed', state: 'serving' });
    left -= 1;
    if (left === 0) clearInterval(timer);
  }, 5);
}
