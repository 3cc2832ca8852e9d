/**
 * Versions of `cmd/version-plugin`: its program with a line behind it that says how it behaves, brought to where a
 * plugin is expected in the ways people do that.
 */
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { goProgram } from './go-programs.ts';

/** What a version does wrong; see `cmd/version-plugin/main.go`. */
export type VersionFault =
  | 'none'
  | 'exit'
  | 'mute'
  | 'garbage'
  | 'refuse'
  | 'away'
  | 'strange'
  | 'error'
  | 'unknown'
  | 'die'
  | 'hang';

/** Ways to bring a version to its place: what a deployment, `cp`, and `ln -sfn` do. */
export type Delivery = 'rename' | 'copy' | 'symlink';

export const DELIVERIES: readonly Delivery[] = ['rename', 'copy', 'symlink'];

/** The place where a plugin is expected, and what is put there. */
export class PluginPlace {
  readonly path: string;
  readonly #folder: string;
  readonly #program: Buffer;
  #count = 0;

  private constructor(folder: string, program: Buffer) {
    this.#folder = folder;
    this.#program = program;
    this.path = join(folder, 'plugin');
  }

  static async make(folder: string): Promise<PluginPlace> {
    return new PluginPlace(folder, readFileSync(await goProgram('interop', './cmd/version-plugin')));
  }

  /** The bytes of a version that answers with the downstream at index `choice`. */
  version(choice: number, fault: VersionFault = 'none'): Buffer {
    return Buffer.concat([this.#program, Buffer.from(`\n#version ${choice} ${fault}\n`)]);
  }

  /** Brings a file to its place at once, with mode 0755 unless another is given. */
  put(content: Uint8Array, delivery: Delivery = 'rename', mode = 0o755): void {
    this.#count += 1;
    const file = join(this.#folder, `version-${this.#count}`);
    writeFileSync(file, content, { mode });
    switch (delivery) {
      case 'rename':
        renameSync(file, this.path);
        return;
      case 'copy':
        copyFileSync(file, this.path);
        rmSync(file);
        return;
      case 'symlink': {
        const link = `${file}.link`;
        symlinkSync(file, link);
        renameSync(link, this.path);
        return;
      }
    }
  }

  /** Copies a version over what is there, half at first; the rest comes with `finish`. */
  begin(content: Uint8Array): { finish(): void } {
    const file = openSync(this.path, 'w', 0o755);
    const half = content.length / 2;
    writeSync(file, content.subarray(0, half));
    return {
      finish: () => {
        writeSync(file, content.subarray(half));
        closeSync(file);
      },
    };
  }
}
