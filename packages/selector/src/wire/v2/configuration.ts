/** `Configure` of generation 2: the operator's `config` to the plugin, and its complaints back. */
import { withoutControls } from '../../contract/index.ts';
import { WireReader } from './wire-reader.ts';

/** What a plugin is configured with. */
export interface SelectorConfiguration {
  /** Name of the selector in the configuration of the host. */
  readonly selector: string;
  /** The value of `config` as JSON text; empty when there is none. */
  readonly configJson: string;
}

/** Something wrong with `config`. */
export interface ConfigureProblem {
  /** Inside of `config`: `regions.eu[0]`, keys that are no plain word as `["my key"]`; empty for all of it. */
  readonly path: string;
  readonly message: string;
}

/** Problems shown; who has more will see the rest when these are gone. */
const MAX_PROBLEMS = 100;
const MAX_PATH_CHARS = 500;
const MAX_MESSAGE_CHARS = 500;

/** The value `CONFIGURE_REQUEST_V2` is encoded from. */
export function encodeConfigurationV2(
  configuration: SelectorConfiguration,
): Readonly<Record<string, unknown>> {
  return { ContractVersion: 2, Selector: configuration.selector, ConfigJson: configuration.configJson };
}

/**
 * Reads the argument of `Configure`, in the shape of `CONFIGURE_REQUEST_V2`.
 *
 * Throws `SelectorError` SELECTOR_REQUEST_SHAPE.
 */
export function decodeConfigurationV2(argument: unknown): SelectorConfiguration {
  const request = WireReader.ofRequest(argument, 'ConfigureRequest');
  return { selector: request.text('Selector'), configJson: request.text('ConfigJson') };
}

/** The value `CONFIGURE_REPLY_V2` is encoded from. */
export function encodeProblemsV2(problems: readonly ConfigureProblem[]): Readonly<Record<string, unknown>> {
  return {
    ContractVersion: 2,
    Problems: problems.map(({ path, message }) => ({ Path: path, Message: message })),
  };
}

/**
 * Reads an answer in the shape of `CONFIGURE_REPLY_V2`: at most 100 problems, texts cut to 500 characters
 * and free of control characters.
 *
 * Throws `SelectorError` SELECTOR_REPLY_SHAPE.
 */
export function decodeProblemsV2(value: unknown, selector: string): readonly ConfigureProblem[] {
  const reply = WireReader.ofReply(value, 'ConfigureReply', selector);
  return reply
    .messages('Problems')
    .slice(0, MAX_PROBLEMS)
    .map((problem) => ({
      path: withoutControls(problem.text('Path').slice(0, MAX_PATH_CHARS)),
      message: withoutControls(problem.text('Message').slice(0, MAX_MESSAGE_CHARS)),
    }));
}
