/**
 * The messages of `smtp_router.selector.v2` as gob knows them: the fields of `selector.proto` in its order,
 * names in UpperCamel. Type names are those of the Go SDK, so that both write the same bytes.
 */
import {
  GOB_BOOL,
  GOB_FLOAT,
  GOB_INT,
  GOB_STRING,
  GOB_UINT,
  type GobSliceType,
  type GobStructType,
  gobMap,
  gobSlice,
  gobStruct,
} from '@smtp-router/go-plugin/gob';

const STRINGS = gobSlice(GOB_STRING, '[]string');
const UINTS = gobSlice(GOB_UINT, '[]uint32');

/** A slice in a struct bears its Go spelling. */
function listOf(element: GobStructType): GobSliceType {
  return gobSlice(element, `[]selector.${element.name}`);
}

const SESSION = gobStruct('Session', {
  Listener: GOB_STRING,
  ClientAddress: GOB_STRING,
  Helo: GOB_STRING,
  IsTls: GOB_BOOL,
  User: GOB_STRING,
});

const RECIPIENT = gobStruct('Recipient', { Id: GOB_UINT, Address: GOB_STRING, Domain: GOB_STRING });

const ENVELOPE = gobStruct('Envelope', {
  MailFrom: GOB_STRING,
  MailParameters: STRINGS,
  Recipients: listOf(RECIPIENT),
});

const HEADER = gobStruct('Header', { Name: GOB_STRING, Value: GOB_STRING });

const MESSAGE = gobStruct('Message', {
  SizeBytes: GOB_UINT,
  MessageId: GOB_STRING,
  Subject: GOB_STRING,
  From: GOB_STRING,
  Headers: listOf(HEADER),
});

const CAPABILITIES = gobStruct('Capabilities', {
  Known: GOB_BOOL,
  MaxSizeBytes: GOB_UINT,
  EightBitMime: GOB_BOOL,
  SmtpUtf8: GOB_BOOL,
  Dsn: GOB_BOOL,
  Chunking: GOB_BOOL,
});

const DOWNSTREAM = gobStruct('Downstream', {
  Id: GOB_STRING,
  Addr: GOB_STRING,
  User: GOB_STRING,
  Weight: GOB_UINT,
  Labels: gobMap(GOB_STRING, GOB_STRING, 'map[string]string'),
  Cost: GOB_FLOAT,
  HasCost: GOB_BOOL,
  Capabilities: CAPABILITIES,
  State: GOB_INT,
  LatencyMs: GOB_UINT,
  HasLatency: GOB_BOOL,
  InFlight: GOB_UINT,
});

const HISTORY_ENTRY = gobStruct('HistoryEntry', {
  DownstreamId: GOB_STRING,
  RecipientIds: UINTS,
  StartedAt: GOB_INT,
  DurationMs: GOB_UINT,
  Phase: GOB_STRING,
  Code: GOB_UINT,
  EnhancedCode: GOB_STRING,
  Text: GOB_STRING,
  Kind: GOB_STRING,
});

const CONFIGURE_PROBLEM = gobStruct('ConfigureProblem', { Path: GOB_STRING, Message: GOB_STRING });

const ROUTE = gobStruct('Route', { RecipientIds: UINTS, CandidateIds: STRINGS });

export const DESCRIBE_REQUEST_V2 = gobStruct('DescribeRequest', { ContractVersion: GOB_UINT });

export const DESCRIBE_REPLY_V2 = gobStruct('DescribeReply', {
  ContractVersion: GOB_UINT,
  Name: GOB_STRING,
  Version: GOB_STRING,
  Headers: STRINGS,
});

export const CONFIGURE_REQUEST_V2 = gobStruct('ConfigureRequest', {
  ContractVersion: GOB_UINT,
  Selector: GOB_STRING,
  ConfigJson: GOB_STRING,
});

export const CONFIGURE_REPLY_V2 = gobStruct('ConfigureReply', {
  ContractVersion: GOB_UINT,
  Problems: listOf(CONFIGURE_PROBLEM),
});

export const SELECT_REQUEST_V2 = gobStruct('SelectRequest', {
  ContractVersion: GOB_UINT,
  RequestId: GOB_STRING,
  DryRun: GOB_BOOL,
  TimeoutMs: GOB_UINT,
  Attempt: GOB_UINT,
  Now: GOB_INT,
  Seed: GOB_UINT,
  Session: SESSION,
  Envelope: ENVELOPE,
  Message: MESSAGE,
  Downstreams: listOf(DOWNSTREAM),
  History: listOf(HISTORY_ENTRY),
});

export const SELECT_REPLY_V2 = gobStruct('SelectReply', {
  ContractVersion: GOB_UINT,
  Routes: listOf(ROUTE),
  Verdict: GOB_INT,
  Code: GOB_UINT,
  Text: GOB_STRING,
  Reason: GOB_STRING,
});
