import { PluginError } from '../errors.ts';
import type { Executable, PrepareExecutable } from './executable.ts';

/** What a plugin's file must be (go-plugin client.go, SecureConfig). */
export interface ExpectedChecksum {
  /** SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
  /** The file, for messages. */
  readonly path: string;
}

/**
 * Lets pass only what has the expected checksum, which is that of the private copy where one is run: nobody
 * can exchange the file between the look at it and its execution. Otherwise rejects with
 * `PLUGIN_CHECKSUM_MISMATCH`, and nothing is started.
 */
export function expectChecksum(prepare: PrepareExecutable, expected: ExpectedChecksum): PrepareExecutable {
  return async () => {
    const executable = await prepare();
    if (executable.sha256 === expected.sha256.toLowerCase()) return executable;
    await executable.dispose();
    throw mismatch(executable, expected);
  };
}

function mismatch({ sha256: found }: Executable, { sha256, path }: ExpectedChecksum): PluginError {
  const fact = found === undefined ? 'cannot be read' : `has the SHA-256 ${found}`;
  return new PluginError('PLUGIN_CHECKSUM_MISMATCH', `${path} ${fact}; ${sha256} is expected.`);
}
