/** Names what a misspelt word probably meant. */

/** Words further away than this many edits are no suggestion. */
const MAX_EDITS = 3;

/** Longer words are not compared: cost grows with the square of the length. */
const MAX_LENGTH = 100;

/** The known word with the fewest edits, when it is near enough to be meant. */
export function nearestName(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestEdits = Math.min(MAX_EDITS, Math.max(1, Math.floor(word.length / 2))) + 1;
  if (word.length > MAX_LENGTH) return undefined;
  for (const candidate of known) {
    const edits =
      candidate.length > MAX_LENGTH ? MAX_LENGTH : editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestEdits) [best, bestEdits] = [candidate, edits];
  }
  return best;
}

/** `did you mean "x"?` when something is near, else `known are x, y`. */
export function suggestName(word: string, known: readonly string[]): string {
  const nearest = nearestName(word, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return known.length === 0 ? 'there are none' : `known are ${known.join(', ')}`;
}

/** Insertions, deletions, substitutions and swaps of neighbours between two words. */
function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const beforePrevious = previous;
    previous = current;
    current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      current[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforePrevious[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return current[b.length] ?? 0;
}
