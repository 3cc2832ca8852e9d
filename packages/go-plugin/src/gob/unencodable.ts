/** Why a value does not fit its type, and where; the encoder turns it into `GOB_UNENCODABLE`. */
export class UnencodableValue extends Error {
  override readonly name = 'UnencodableValue';
  /** From the innermost part outwards: `.Field`, `[3]`. */
  readonly path: string[] = [];

  get place(): string {
    return this.path.toReversed().join('');
  }
}

/** Adds where the failing part is, when `error` is about a value. */
export function atPlace(error: unknown, place: string): unknown {
  if (error instanceof UnencodableValue) error.path.push(place);
  return error;
}
