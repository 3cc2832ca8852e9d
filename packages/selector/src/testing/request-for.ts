/** The request of a message in a few words, for the tests of plugin authors. */
import type { DownstreamView, SelectHeader, SelectRequest } from '../contract/index.ts';
import { type RequestOverrides, requestWith, type ViewOverrides, viewWith } from '../contract/index.ts';

/** A message and those it may go by. */
export interface RequestWords {
  /** Envelope sender; default empty. */
  readonly from?: string;
  /** Envelope recipients; their ids count from 0. */
  readonly to?: readonly string[];
  /** In configured order: a name alone is a downstream that is up. */
  readonly downstreams: readonly (string | ViewOverrides)[];
  /** Header fields by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whatever else matters. */
  readonly more?: RequestOverrides;
}

/**
 * Answers a complete request: `requestFor({ to: ['a@example.com'], downstreams: ['ses', 'own'] })`. Subject,
 * Message-ID and From of the headers are also where the router puts them.
 */
export function requestFor({
  from = '',
  to = [],
  downstreams,
  headers = {},
  more = {},
}: RequestWords): SelectRequest {
  const fields = Object.entries(headers).map(([name, value]): SelectHeader => ({ name, value }));
  const first = (name: string): string =>
    fields.find((field) => field.name.toLowerCase() === name)?.value ?? '';
  return requestWith({
    requestId: 'test',
    timeoutMs: 2000,
    ...more,
    downstreams: downstreams.map(viewFor),
    envelope: {
      mailFrom: from,
      recipients: to.map((address, id) => ({ id, address, domain: domainOf(address) })),
      ...more.envelope,
    },
    message: {
      messageId: first('message-id'),
      subject: first('subject'),
      from: first('from'),
      headers: fields,
      ...more.message,
    },
  });
}

function viewFor(words: string | ViewOverrides): DownstreamView {
  return viewWith({ state: 'up', ...(typeof words === 'string' ? { id: words } : words) });
}

function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1).toLowerCase();
}
