/** What the operator wrote for a plugin, and where, so that a complaint can be shown in its place. */
export interface SelectorSettings {
  /** The value of `config` as JSON text; empty when there is none. */
  readonly json: string;
  /** Names the place of a path inside of `config`, for people: `config.yaml:12:5 selectors.mine.config.eu`. */
  locate(path: string): string;
}
