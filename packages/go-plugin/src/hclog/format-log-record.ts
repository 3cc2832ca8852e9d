/**
 * One record as hclog's JSON writer prints it, for the plugin role. A Go host parses the time with six
 * fractional digits only and crashes when level, message or time is not a string (go-plugin
 * log_entry.go), so these are strings here whatever the caller gave.
 */
import type { LogLevel } from './log-level.ts';

/** Values of pairs as a caller gives them. */
export type LogPairs = Readonly<Record<string, unknown>>;

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly module?: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly pairs?: LogPairs;
}

/** A Go host passes longer lines on in pieces, unparsed (go-plugin client.go, stdErrBufferSize). */
const MAX_LINE_CHARACTERS = 60_000;

/** Six bytes each at worst, when every character is escaped: still below the limit. */
const MAX_CUT_MESSAGE_CHARACTERS = 8_000;

/** Formats a record with its line end. Never throws. A record too long for a host loses its pairs and the end of its message. */
export function formatLogRecord(entry: LogEntry): string {
  const line = format(entry, entry.message, toJsonPairs(entry.pairs ?? {}));
  if (line.length <= MAX_LINE_CHARACTERS) return line;
  return format(entry, entry.message.slice(0, MAX_CUT_MESSAGE_CHARACTERS), { truncated: true });
}

function format(entry: LogEntry, message: string, pairs: Record<string, unknown>): string {
  const record = {
    '@level': String(entry.level),
    '@message': String(message),
    ...(entry.module !== undefined && { '@module': String(entry.module).slice(0, 256) }),
    '@timestamp': formatTime(entry.time),
    ...pairs,
  };
  return `${JSON.stringify(record)}\n`;
}

/** `2026-01-02T03:04:05.678000Z`: Go's layout wants exactly six digits. */
function formatTime(time: number): string {
  const date = new Date(time);
  const valid = Number.isNaN(date.getTime()) ? new Date(0) : date;
  return valid.toISOString().replace('Z', '000Z');
}

/** Keys may not shadow the record's own, which begin with "@". */
function toJsonPairs(pairs: LogPairs): Record<string, unknown> {
  const safe = Object.entries(pairs).map(([key, value]) => [key.replace(/^@+/, ''), toJsonValue(value)]);
  return Object.fromEntries(safe);
}

function toJsonValue(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Error) return value.message;
  return typeof value === 'object' ? toJsonText(value) : String(value);
}

function toJsonText(value: object): string {
  try {
    return String(JSON.stringify(value));
  } catch {
    // Circular, or a toJSON that throws.
    return Object.prototype.toString.call(value);
  }
}
