/** `SelectRequest` of generation 2: the contract's request to the fields of the wire and back. */
import type {
  DownstreamView,
  SelectHeader,
  SelectHistoryEntry,
  SelectRecipient,
  SelectRequest,
} from '../../contract/index.ts';
import { stateNumber, stateOf } from './enums.ts';
import { int64, uint32, uint53 } from './numbers.ts';
import { WireReader } from './wire-reader.ts';

/** What the sender of a request knows better than the request itself. */
export interface SendingFacts {
  /** The header fields the receiver asked for. */
  readonly headers: readonly SelectHeader[];
  /** Milliseconds the sender waits. */
  readonly timeoutMs: number;
}

/** The value `SELECT_REQUEST_V2` is encoded from. Numbers are brought into the range of their fields. */
export function encodeSelectRequestV2(
  request: SelectRequest,
  { headers, timeoutMs }: SendingFacts,
): Readonly<Record<string, unknown>> {
  const { session, envelope, message } = request;
  return {
    ContractVersion: 2,
    RequestId: request.requestId,
    DryRun: request.dryRun,
    TimeoutMs: uint32(timeoutMs),
    Attempt: uint32(request.attempt),
    Now: int64(request.now),
    Seed: uint53(request.seed),
    Session: {
      Listener: session.listener,
      ClientAddress: session.clientAddress,
      Helo: session.helo,
      IsTls: session.isTls,
      User: session.user,
    },
    Envelope: {
      MailFrom: envelope.mailFrom,
      MailParameters: envelope.mailParameters,
      Recipients: envelope.recipients.map(encodeRecipient),
    },
    Message: {
      SizeBytes: uint53(message.sizeBytes),
      MessageId: message.messageId,
      Subject: message.subject,
      From: message.from,
      Headers: headers.map(encodeHeader),
    },
    Downstreams: request.downstreams.map(encodeDownstream),
    History: request.history.map(encodeHistoryEntry),
  };
}

function encodeRecipient({ id, address, domain }: SelectRecipient): Readonly<Record<string, unknown>> {
  return { Id: id, Address: address, Domain: domain };
}

function encodeHeader({ name, value }: SelectHeader): Readonly<Record<string, unknown>> {
  return { Name: name, Value: value };
}

function encodeDownstream(view: DownstreamView): Readonly<Record<string, unknown>> {
  const { capabilities } = view;
  return {
    Id: view.id,
    Addr: view.addr,
    User: view.user,
    Weight: uint32(view.weight),
    Labels: encodeLabels(view.labels),
    Cost: view.cost,
    HasCost: view.hasCost,
    Capabilities: {
      Known: capabilities.known,
      MaxSizeBytes: uint53(capabilities.maxSizeBytes),
      EightBitMime: capabilities.has8bitMime,
      SmtpUtf8: capabilities.hasSmtpUtf8,
      Dsn: capabilities.hasDsn,
      Chunking: capabilities.hasChunking,
    },
    State: stateNumber(view.state),
    LatencyMs: uint32(view.latencyMs),
    HasLatency: view.hasLatency,
    InFlight: uint32(view.inFlight),
  };
}

/** Nothing for no labels, as Go writes a nil map. */
function encodeLabels(labels: DownstreamView['labels']): ReadonlyMap<string, string> | undefined {
  const entries = Object.entries(labels);
  return entries.length === 0 ? undefined : new Map(entries);
}

function encodeHistoryEntry(entry: SelectHistoryEntry): Readonly<Record<string, unknown>> {
  return {
    DownstreamId: entry.downstreamId,
    RecipientIds: entry.recipientIds,
    StartedAt: int64(entry.startedAt),
    DurationMs: uint32(entry.durationMs),
    Phase: entry.phase,
    Code: uint32(entry.code),
    EnhancedCode: entry.enhancedCode,
    Text: entry.text,
    Kind: entry.kind,
  };
}

/**
 * Reads the argument of `Select`, in the shape of `SELECT_REQUEST_V2`.
 *
 * Throws `SelectorError` SELECTOR_REQUEST_SHAPE.
 */
export function decodeSelectRequestV2(argument: unknown): SelectRequest {
  const request = WireReader.ofRequest(argument, 'SelectRequest');
  const session = request.message('Session');
  const envelope = request.message('Envelope');
  const message = request.message('Message');
  return {
    contractVersion: request.uint('ContractVersion'),
    requestId: request.text('RequestId'),
    dryRun: request.flag('DryRun'),
    timeoutMs: request.uint('TimeoutMs'),
    attempt: request.uint('Attempt'),
    now: request.int('Now'),
    seed: request.uint('Seed'),
    session: {
      listener: session.text('Listener'),
      clientAddress: session.text('ClientAddress'),
      helo: session.text('Helo'),
      isTls: session.flag('IsTls'),
      user: session.text('User'),
    },
    envelope: {
      mailFrom: envelope.text('MailFrom'),
      mailParameters: envelope.texts('MailParameters'),
      recipients: envelope.messages('Recipients').map(decodeRecipient),
    },
    message: {
      sizeBytes: message.uint('SizeBytes'),
      messageId: message.text('MessageId'),
      subject: message.text('Subject'),
      from: message.text('From'),
      headers: message.messages('Headers').map(decodeHeader),
    },
    downstreams: request.messages('Downstreams').map(decodeDownstream),
    history: request.messages('History').map(decodeHistoryEntry),
  };
}

function decodeRecipient(recipient: WireReader): SelectRecipient {
  return {
    id: recipient.uint('Id'),
    address: recipient.text('Address'),
    domain: recipient.text('Domain'),
  };
}

function decodeHeader(header: WireReader): SelectHeader {
  return { name: header.text('Name'), value: header.text('Value') };
}

function decodeDownstream(downstream: WireReader): DownstreamView {
  const capabilities = downstream.message('Capabilities');
  return {
    id: downstream.text('Id'),
    addr: downstream.text('Addr'),
    user: downstream.text('User'),
    weight: downstream.uint('Weight'),
    labels: downstream.labels('Labels'),
    cost: downstream.float('Cost'),
    hasCost: downstream.flag('HasCost'),
    capabilities: {
      known: capabilities.flag('Known'),
      maxSizeBytes: capabilities.uint('MaxSizeBytes'),
      has8bitMime: capabilities.flag('EightBitMime'),
      hasSmtpUtf8: capabilities.flag('SmtpUtf8'),
      hasDsn: capabilities.flag('Dsn'),
      hasChunking: capabilities.flag('Chunking'),
    },
    state: stateOf(downstream.int('State')),
    latencyMs: downstream.uint('LatencyMs'),
    hasLatency: downstream.flag('HasLatency'),
    inFlight: downstream.uint('InFlight'),
  };
}

function decodeHistoryEntry(entry: WireReader): SelectHistoryEntry {
  return {
    downstreamId: entry.text('DownstreamId'),
    recipientIds: entry.uints('RecipientIds'),
    startedAt: entry.int('StartedAt'),
    durationMs: entry.uint('DurationMs'),
    phase: entry.text('Phase'),
    code: entry.uint('Code'),
    enhancedCode: entry.text('EnhancedCode'),
    text: entry.text('Text'),
    kind: entry.text('Kind'),
  };
}
