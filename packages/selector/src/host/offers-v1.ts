import type { SelectRequest } from '../contract/index.ts';
import { OfferV1, type OfferV1Options } from './offer-v1.ts';

/** Users remembered; far above the number of a configuration, so that it only bounds memory. */
const MAX_USERS = 1000;

/** The offers made to one plugin, on one stream: the last of each user, whose list hardly ever changes. */
export class OffersV1 {
  readonly #options: OfferV1Options;
  /** By user. */
  readonly #offers = new Map<string, OfferV1>();
  #last: OfferV1 | undefined;

  constructor(options: OfferV1Options) {
    this.#options = options;
  }

  /** The offer that a message makes. */
  of(request: SelectRequest): OfferV1 {
    if (this.#last?.isFor(request.downstreams) !== true) this.#last = this.#offerTo(request);
    return this.#last;
  }

  #offerTo(request: SelectRequest): OfferV1 {
    const { user } = request.session;
    const known = this.#offers.get(user);
    if (known?.isFor(request.downstreams) === true) return known;
    if (known === undefined && this.#offers.size >= MAX_USERS) this.#offers.clear();
    const offer = new OfferV1(request, this.#options);
    this.#offers.set(user, offer);
    return offer;
  }
}
