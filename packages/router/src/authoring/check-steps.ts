import { type Clock, systemClock } from '../clock.ts';
import type { CheckStep, CheckStepName } from './check-step.ts';

/** Times the steps of a check and tells of each; a step that fails is told once, wherever it is noticed. */
export class CheckSteps {
  readonly #onStep: (step: CheckStep) => void;
  readonly #clock: Pick<Clock, 'now'>;
  #beganAt: number;
  #isOk: boolean = true;

  constructor(onStep: (step: CheckStep) => void, clock: Pick<Clock, 'now'> = systemClock) {
    this.#onStep = onStep;
    this.#clock = clock;
    this.#beganAt = clock.now();
  }

  /** False once a step failed. */
  get isOk(): boolean {
    return this.#isOk;
  }

  /** The step that was under way went well; the next begins. */
  passed(name: CheckStepName, detail: string): void {
    this.#tell({ name, isOk: true, detail });
  }

  failed(name: CheckStepName, error: unknown): void {
    this.#isOk = false;
    const detail = error instanceof Error ? error.message : String(error);
    const code = codeOf(error);
    this.#tell({ name, isOk: false, detail, ...(code !== undefined && { code }) });
  }

  /** Undefined when it failed. */
  async run<T>(
    name: CheckStepName,
    work: () => T | Promise<T>,
    detail: (value: T) => string,
  ): Promise<T | undefined> {
    try {
      const value = await work();
      this.passed(name, detail(value));
      return value;
    } catch (error) {
      this.failed(name, error);
      return undefined;
    }
  }

  #tell(step: Omit<CheckStep, 'durationMs'>): void {
    const now = this.#clock.now();
    const { name, isOk, ...rest } = step;
    this.#onStep({ name, isOk, durationMs: now - this.#beganAt, ...rest });
    this.#beganAt = now;
  }
}

/** The catalogue code of an error; undefined for what has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
