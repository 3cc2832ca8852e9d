/** Something wrong with a document or a committed file. */
export interface Problem {
  /** Relative to the repository, with slashes. */
  readonly file: string;
  /** From 1; 0 when the whole file is meant. */
  readonly line: number;
  readonly message: string;
}

/** `docs/flow.md:12: no such file: ../nowhere.md` */
export function formatProblem({ file, line, message }: Problem): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}
