/** The strategy: healthy downstreams in turn. Change this file. */
import { isHealthy, type SelectReply, type SelectRequest } from '@smtp-router/selector';

/** What the operator may write under `config`. */
interface Config {
  /** Downstreams that are never tried. */
  readonly avoid: readonly string[];
}

export class Strategy {
  #avoid: readonly string[] = [];
  #turn = 0;

  /** Takes `config` before the first message; answers what is wrong with it, by place. */
  configure(config: unknown): readonly { readonly path: string; readonly message: string }[] {
    const { avoid = [] } = (config ?? {}) as Partial<Config>;
    const isFit = Array.isArray(avoid) && avoid.every((name) => typeof name === 'string');
    if (!isFit) return [{ path: 'avoid', message: 'must be a list of names' }];
    this.#avoid = avoid;
    return [];
  }

  /** Decides about one message: which downstreams to try, in what order, and why. */
  select({ downstreams, dryRun }: SelectRequest): SelectReply {
    const usable = downstreams.filter(({ id }) => !this.#avoid.includes(id));
    if (usable.length === 0) {
      return { kind: 'defer', code: 451, text: 'No route at the moment', reason: 'all are to be avoided' };
    }
    const first = this.#turn % usable.length;
    // Nothing will be sent in a dry run: decide as ever, and change no state.
    if (!dryRun) this.#turn += 1;
    const inTurn = [...usable.slice(first), ...usable.slice(0, first)];
    const order = inTurn.toSorted((one, other) => Number(isHealthy(other)) - Number(isHealthy(one)));
    return {
      kind: 'route',
      routes: [{ recipientIds: [], candidateIds: order.map(({ id }) => id) }],
      reason: 'healthy ones in turn',
    };
  }
}
