/** Finds the control socket of the router that runs by a configuration. */
import { controlSocketPath, findStateDirectory } from '../config/load-config.ts';
import { RouterError } from '../errors.ts';

/** Path of the socket; throws `CONFIG_UNREADABLE` or `CONFIG_SYNTAX` when the file does not say where. */
export function controlSocketOf(configFile: string): string {
  const found = findStateDirectory(configFile);
  if (typeof found === 'string') return controlSocketPath(found);
  throw new RouterError(found.code, `${found.file} ${found.message}.`);
}
