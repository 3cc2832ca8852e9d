/**
 * `npm run fuzz -- [RUNS]`: the properties of every parser that reads what somebody else sends, each
 * tried RUNS times (100 000 by default). The seed and the smallest counterexample of a failure are
 * printed by fast-check.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const DEFAULT_RUNS = 100_000;
const ROOT = join(import.meta.dirname, '..');

/** Test files, as globs: streams of clients, downstreams, balancers and plugins, and the grammar under them. */
const PARSERS = [
  'packages/smtp/test/grammar/{chunk,command,content,dot,enhanced,esmtp,line,path,reply,text,xtext}*.test.ts',
  'packages/smtp/test/sasl/*.test.ts',
  'packages/smtp/test/server/{smtp-server-session,chunked-content}.test.ts',
  'packages/smtp/test/client/{smtp-client-session,smtp-extensions}.test.ts',
  'packages/go-plugin/test/gob/gob.property.test.ts',
  'packages/go-plugin/test/yamux/{frame-reader,hostile-peer.property}.test.ts',
  'packages/go-plugin/test/net-rpc/rpc-stream.property.test.ts',
  'packages/go-plugin/test/grpc/{message-reader,own-messages,percent-text}.test.ts',
  'packages/go-plugin/test/handshake/*.test.ts',
  'packages/go-plugin/test/hclog/{line-splitter,log-reader}.test.ts',
  'packages/go-plugin/test/x509/pem.test.ts',
  'packages/go-plugin/test/{transport/hostile-plugin,host/process-output}.property.test.ts',
  'packages/selector/test/wire/{list,reply}-v1.test.ts',
  'packages/selector/test/wire/v2/protobuf.property.test.ts',
  'packages/router/test/listener/proxy-protocol.test.ts',
  'packages/router/test/message/{address-pattern,dkim-signature,from-mailboxes,header-fields,header-section,mailbox-address,reply-text}.test.ts',
];

const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
if (!Number.isInteger(runs) || runs < 1) {
  console.error('npm run fuzz -- [RUNS]; RUNS is a whole number from 1');
  process.exit(2);
}
const began = performance.now();
const concurrency = `--test-concurrency=${availableParallelism()}`;
const tests = spawn(process.execPath, ['--test', '--test-reporter=dot', concurrency, ...PARSERS], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: String(runs) },
});
const [status] = await once(tests, 'exit');
console.log(`each property ${runs} times, ${((performance.now() - began) / 1_000).toFixed(0)} s`);
process.exitCode = status === 0 ? 0 : 1;
