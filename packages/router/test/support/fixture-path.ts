import { fileURLToPath } from 'node:url';

/** Absolute path of a plugin made for tests. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../router/fixtures/${name}`, import.meta.url));
}

/** The plugin people are shown. */
export function examplePlugin(): string {
  return fileURLToPath(
    new URL('../../../../examples/typescript/round-robin/round-robin.ts', import.meta.url),
  );
}

/** The command itself. */
export function routerProgram(): string {
  return fileURLToPath(new URL('../../bin/smtp-router.js', import.meta.url));
}
