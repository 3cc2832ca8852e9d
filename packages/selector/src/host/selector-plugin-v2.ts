/** Generation 2 over net/rpc: Describe and Configure once, then Select for every message. */
import { ValueFitter } from '@smtp-router/go-plugin/gob';
import type { CallOptions, GobReply, RpcChannel } from '@smtp-router/go-plugin/host';
import type { SelectHeader, SelectMessage, SelectReply, SelectRequest } from '../contract/index.ts';
import { quote } from '../contract/quote.ts';
import { shapeError } from '../contract/reply-fault.ts';
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
import type { SelectorPlugin, SelectorPluginOptions } from './selector-plugin.ts';

/** Describes and configures the plugin on a channel. Rejects as `openSelectorPlugin` does. */
export async function openSelectorPluginV2(
  channel: RpcChannel,
  options: SelectorPluginOptions,
): Promise<SelectorPlugin> {
  const calls = new CallsV2(channel, options.name);
  const call = { timeoutMs: options.dispenseTimeoutMs };
  options.onStep?.('describe');
  const description = await calls.describe(call);
  options.onStep?.('configure');
  await calls.configure(options, call);
  return new SelectorPluginV2(calls, description, options.name);
}

class SelectorPluginV2 implements SelectorPlugin {
  readonly generation = 2;
  readonly description: SelectorDescription;
  readonly #calls: CallsV2;
  readonly #defaultReason: string;
  readonly #name: string;
  /** Lower-cased names asked for; undefined when all fields are wanted. */
  readonly #headers: ReadonlySet<string> | undefined;

  constructor(calls: CallsV2, description: SelectorDescription, name: string) {
    this.#calls = calls;
    this.description = description;
    this.#name = name;
    this.#headers = description.headers.includes('*') ? undefined : new Set(description.headers);
    this.#defaultReason = `plugin "${name}" answered`;
  }

  async select(request: SelectRequest, call: CallOptions): Promise<SelectReply> {
    const timeoutMs = request.timeoutMs > 0 ? Math.min(request.timeoutMs, call.timeoutMs) : call.timeoutMs;
    const headers = this.#wanted(request.message);
    const question = encodeSelectRequestV2(request, { headers, timeoutMs });
    checkRequestSize(request, headers, question);
    const answer = await this.#calls.select(question, call);
    const reply = validateReply(answer, request, this.#name);
    return reply.reason === '' ? { ...reply, reason: this.#defaultReason } : reply;
  }

  close(): void {
    this.#calls.close();
  }

  /** A header is read only for plugins that want to see it. */
  #wanted(message: SelectMessage): readonly SelectHeader[] {
    const names = this.#headers;
    if (names === undefined) return message.headers;
    if (names.size === 0) return [];
    return message.headers.filter(({ name }) => names.has(name.toLowerCase()));
  }
}

/** The three calls of the contract on one channel. */
class CallsV2 {
  readonly #channel: RpcChannel;
  readonly #name: string;
  readonly #fitter = new ValueFitter();

  constructor(channel: RpcChannel, name: string) {
    this.#channel = channel;
    this.#name = name;
  }

  async describe(call: CallOptions): Promise<SelectorDescription> {
    const question = { type: DESCRIBE_REQUEST_V2, value: { ContractVersion: 2 } };
    const reply = await this.#channel.call(DESCRIBE_METHOD, question, call);
    return decodeDescriptionV2(this.#fit(reply, DESCRIBE_REPLY_V2), this.#name);
  }

  /** Rejects with SELECTOR_CONFIG_REFUSED when the plugin has something against its configuration. */
  async configure({ name, settings }: SelectorPluginOptions, call: CallOptions): Promise<void> {
    const value = encodeConfigurationV2({ selector: name, configJson: settings?.json ?? '' });
    const reply = await this.#channel.call(CONFIGURE_METHOD, { type: CONFIGURE_REQUEST_V2, value }, call);
    const problems = decodeProblemsV2(this.#fit(reply, CONFIGURE_REPLY_V2), name);
    if (problems.length === 0) return;
    const shown = problems.map(({ path, message }) => `${settings?.locate(path) ?? path}: ${message}`);
    throw new SelectorError('SELECTOR_CONFIG_REFUSED', `it refuses its config: ${shown.join('; ')}`);
  }

  async select(value: unknown, call: CallOptions): Promise<SelectReply> {
    const reply = await this.#channel.call(SELECT_METHOD, { type: SELECT_REQUEST_V2, value }, call);
    return decodeSelectReplyV2(this.#fit(reply, SELECT_REPLY_V2), this.#name);
  }

  close(): void {
    this.#channel.close();
  }

  #fit(reply: GobReply, wanted: typeof SELECT_REPLY_V2): unknown {
    const fitted = this.#fitter.fit(reply, wanted);
    if (fitted.kind === 'fits') return fitted.value;
    throw shapeError(this.#name, `it is no ${wanted.name}: ${quote(fitted.text)}`);
  }
}
