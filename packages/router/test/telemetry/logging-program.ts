/** Run by log-destination.test.ts: logs to standard output in the format of its first argument. */
import { createLogSink } from '../../src/telemetry/log-sink.ts';

const [, , format, ending] = process.argv;
const sink = createLogSink({
  level: 'info',
  format: format === 'pretty' ? 'pretty' : 'auto',
  addresses: 'full',
});
for (let index = 0; index < 500; index += 1) {
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
if (ending === 'flush') {
  sink.flush();
  process.kill(process.pid, 'SIGKILL');
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
