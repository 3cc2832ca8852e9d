/** Generation 2: Describe and Configure once, then Select for every message. */
import type { CallOptions } from '@smtp-router/go-plugin/host';
import type { SelectHeader, SelectMessage, SelectReply, SelectRequest } from '../contract/index.ts';
import { validateReply } from '../contract/validate-reply.ts';
import { SelectorError } from '../errors.ts';
import {
  CONFIGURE_METHOD,
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_METHOD,
  DESCRIBE_REPLY_V2,
  DESCRIBE_REQUEST_V2,
  decodeDescriptionV2,
  decodeProblemsV2,
  decodeSelectReplyV2,
  encodeConfigurationV2,
  encodeSelectRequestV2,
  SELECT_METHOD,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
  type SelectorDescription,
} from '../wire/index.ts';
import { checkRequestSize } from './check-request-size.ts';
import type { ExchangeV2, QuestionV2 } from './exchange-v2.ts';
import type { SelectorPlugin, SelectorPluginOptions } from './selector-plugin.ts';

/** Describes and configures the plugin. Rejects as `openSelectorPlugin` does. */
export async function openSelectorPluginV2(
  exchange: ExchangeV2,
  options: SelectorPluginOptions,
): Promise<SelectorPlugin> {
  const call = { timeoutMs: options.dispenseTimeoutMs };
  options.onStep?.('describe');
  const description = await describe(exchange, options, call);
  options.onStep?.('configure');
  await configure(exchange, options, call);
  return new SelectorPluginV2(exchange, description, options.name);
}

async function describe(
  exchange: ExchangeV2,
  { name }: SelectorPluginOptions,
  call: CallOptions,
): Promise<SelectorDescription> {
  const question: QuestionV2 = {
    method: DESCRIBE_METHOD,
    type: DESCRIBE_REQUEST_V2,
    value: { ContractVersion: 2 },
    replyType: DESCRIBE_REPLY_V2,
  };
  return decodeDescriptionV2(await exchange.ask(question, call), name);
}

/** Rejects with SELECTOR_CONFIG_REFUSED when the plugin has something against its configuration. */
async function configure(
  exchange: ExchangeV2,
  { name, settings }: SelectorPluginOptions,
  call: CallOptions,
): Promise<void> {
  const question: QuestionV2 = {
    method: CONFIGURE_METHOD,
    type: CONFIGURE_REQUEST_V2,
    value: encodeConfigurationV2({ selector: name, configJson: settings?.json ?? '' }),
    replyType: CONFIGURE_REPLY_V2,
  };
  const problems = decodeProblemsV2(await exchange.ask(question, call), name);
  if (problems.length === 0) return;
  const shown = problems.map(({ path, message }) => `${settings?.locate(path) ?? path}: ${message}`);
  throw new SelectorError('SELECTOR_CONFIG_REFUSED', `it refuses its config: ${shown.join('; ')}`);
}

class SelectorPluginV2 implements SelectorPlugin {
  readonly generation = 2;
  readonly description: SelectorDescription;
  readonly #exchange: ExchangeV2;
  readonly #defaultReason: string;
  readonly #name: string;
  /** Lower-cased names asked for; undefined when all fields are wanted. */
  readonly #headers: ReadonlySet<string> | undefined;

  constructor(exchange: ExchangeV2, description: SelectorDescription, name: string) {
    this.#exchange = exchange;
    this.description = description;
    this.#name = name;
    this.#headers = description.headers.includes('*') ? undefined : new Set(description.headers);
    this.#defaultReason = `plugin "${name}" answered`;
  }

  async select(request: SelectRequest, call: CallOptions): Promise<SelectReply> {
    const timeoutMs = request.timeoutMs > 0 ? Math.min(request.timeoutMs, call.timeoutMs) : call.timeoutMs;
    const headers = this.#wanted(request.message);
    const question: QuestionV2 = {
      method: SELECT_METHOD,
      type: SELECT_REQUEST_V2,
      value: encodeSelectRequestV2(request, { headers, timeoutMs }),
      replyType: SELECT_REPLY_V2,
    };
    checkRequestSize(request, headers, () => this.#exchange.sizeOf(question));
    const answer = decodeSelectReplyV2(await this.#exchange.ask(question, call), this.#name);
    const reply = validateReply(answer, request, this.#name);
    return reply.reason === '' ? { ...reply, reason: this.#defaultReason } : reply;
  }

  close(): void {
    this.#exchange.close();
  }

  /** A header is read only for plugins that want to see it. */
  #wanted(message: SelectMessage): readonly SelectHeader[] {
    const names = this.#headers;
    if (names === undefined) return message.headers;
    if (names.size === 0) return [];
    return message.headers.filter(({ name }) => names.has(name.toLowerCase()));
  }
}
