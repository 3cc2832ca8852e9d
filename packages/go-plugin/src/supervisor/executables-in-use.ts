import type { Executable } from './executable.ts';

/** Keeps account of who needs which executable, and disposes of each when nobody does. */
export class ExecutablesInUse {
  /** Processes and starts under way, by executable; never 0. */
  readonly #users = new Map<Executable, number>();
  #kept: Executable | undefined;

  /** The one that last came into service: a restart begins from it. */
  get kept(): Executable | undefined {
    return this.#kept;
  }

  /** One more start or process; to be released once. */
  hold(executable: Executable): void {
    this.#users.set(executable, (this.#users.get(executable) ?? 0) + 1);
  }

  /** Settles when the executable is disposed of, should this have been its last user. */
  async release(executable: Executable): Promise<void> {
    const users = (this.#users.get(executable) ?? 1) - 1;
    if (users > 0) this.#users.set(executable, users);
    else this.#users.delete(executable);
    await this.#disposeUnused(executable);
  }

  /** The executable restarts begin from; none with undefined. Settles when the former one is disposed of or still in use. */
  async keep(executable: Executable | undefined): Promise<void> {
    const former = this.#kept;
    this.#kept = executable;
    if (former !== undefined) await this.#disposeUnused(former);
  }

  async #disposeUnused(executable: Executable): Promise<void> {
    if (executable !== this.#kept && !this.#users.has(executable)) await executable.dispose();
  }
}
