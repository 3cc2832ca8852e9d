/** What the operating system's refusal to start a program means, told with the file and what to do. */
import { access } from 'node:fs/promises';
import { PluginError, type PluginErrorCode } from '../../errors.ts';
import type { RunnerCommand } from './runner.ts';

/** The error for a failed start. */
export async function spawnError(command: RunnerCommand, cause: unknown): Promise<PluginError> {
  if (cause instanceof PluginError) return cause;
  const { command: file } = command;
  switch (systemCode(cause)) {
    case 'ENOENT':
      return failure('PLUGIN_FILE_NOT_FOUND', await describeMissing(command), cause);
    case 'EACCES':
    case 'EPERM':
      return failure(
        'PLUGIN_FILE_NOT_EXECUTABLE',
        `${file} may not be executed; run chmod +x ${file}.`,
        cause,
      );
    case 'ENOEXEC':
      return failure(
        'PLUGIN_FILE_FORMAT',
        `${file} is no program for this machine; build it for this machine.`,
        cause,
      );
    case 'ETXTBSY':
      return failure(
        'PLUGIN_FILE_BUSY',
        `${file} is still being written; start it when its build is finished.`,
        cause,
      );
    case 'ERR_INVALID_ARG_VALUE':
    case 'ERR_INVALID_ARG_TYPE':
    case 'ENAMETOOLONG':
    case 'ENOTDIR':
      return failure('PLUGIN_COMMAND_INVALID', `${file} cannot be started: ${text(cause)}.`, cause);
    default:
      return failure('PLUGIN_SPAWN_FAILED', `${file} could not be started: ${text(cause)}.`, cause);
  }
}

/** ENOENT has three causes, and the system does not say which. */
async function describeMissing(command: RunnerCommand): Promise<string> {
  const { command: file, workingDirectory } = command;
  if (workingDirectory !== undefined && !(await exists(workingDirectory))) {
    return `The working directory ${workingDirectory} of ${file} does not exist; correct it in the configuration.`;
  }
  if (!/[/\\]/.test(file)) return `${file} is not in PATH; install it or give its full path.`;
  if (await exists(file)) {
    return `The interpreter ${file} names in its first line (or the loader it was linked for) does not exist; install it.`;
  }
  return `${file} does not exist; correct the path or build the plugin.`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function systemCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function failure(code: PluginErrorCode, message: string, cause: unknown): PluginError {
  return new PluginError(code, message, { cause });
}
