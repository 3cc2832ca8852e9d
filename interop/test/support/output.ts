import { execFile } from 'node:child_process';

/** What a program writes on stdout, whatever its status. */
export function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: 60_000, env: { ...process.env, ...env } };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (stdout === '') reject(error ?? new Error(`${program} printed nothing: ${stderr}`));
      else resolve(stdout);
    });
  });
}
