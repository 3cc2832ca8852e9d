/** The far downstream as a program: `far-sink.ts HOST PORT`; prints a line when ready, and one for each message. */
import { startSink } from './sink.ts';

const [host = '', port = ''] = process.argv.slice(2);
// Started in a new namespace, whose interface is made later.
process.stdin.once('data', () => {
  void startSink(host, Number(port), () => console.log('taken')).then(() => console.log('ready'));
});
process.stdin.once('end', () => process.exit(0));
