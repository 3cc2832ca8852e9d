/** What a key means when a line is typed in a terminal that shows nothing and edits nothing itself. */
const ENTER = ['\r', '\n', '\u0004'];
const INTERRUPT = '\u0003';
const ERASE_CHARACTER = ['\u007f', '\b'];
const ERASE_LINE = '\u0015';

/** One line as it is typed in raw mode. */
export class TypedLine {
  #characters: string[] = [];

  get text(): string {
    return this.#characters.join('');
  }

  /**
   * Takes one character. `ended` = Enter or Ctrl-D; `interrupted` = Ctrl-C. Backspace takes the last
   * character back, Ctrl-U all of them.
   */
  type(character: string): 'more' | 'ended' | 'interrupted' {
    if (ENTER.includes(character)) return 'ended';
    if (character === INTERRUPT) return 'interrupted';
    if (ERASE_CHARACTER.includes(character)) this.#characters.pop();
    else if (character === ERASE_LINE) this.#characters = [];
    else this.#characters.push(character);
    return 'more';
  }
}
