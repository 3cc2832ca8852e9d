/**
 * One whole line of a plugin's stderr (go-plugin client.go, logStderr; log_entry.go). A JSON object
 * with `@level` or `@message` is an hclog record, `[WARN] …` is text with a level, all else is plain.
 * Nothing a plugin writes is an error here: a Go host crashes on `@message: 1`, this parser makes the
 * text "1" of it.
 */
import type { LogLevel } from './log-level.ts';
import type { LogPair, LogRecord } from './log-record.ts';

/** Spellings of levels seen in logs; an unknown or missing one counts as debug, as in go-plugin. */
const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ['trace', 'trace'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['fatal', 'error'],
  ['panic', 'error'],
]);

const TEXT_PREFIX = /^\[(TRACE|DEBUG|INFO|WARN|ERROR)\]/;

/** Parses a line given without its line end; undefined for plain text. Never throws. */
export function parseLogLine(line: string): LogRecord | undefined {
  return parseRecord(line) ?? parseTaggedLine(line);
}

/** A text line with a level in brackets before it; undefined for any other line. */
function parseTaggedLine(line: string): LogRecord | undefined {
  const tag = TEXT_PREFIX.exec(line);
  const level = LEVELS.get(tag?.[1]?.toLowerCase() ?? '');
  if (tag === null || level === undefined) return undefined;
  return { level, message: line.slice(tag[0].length).trim(), pairs: [] };
}

function parseRecord(line: string): LogRecord | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    return toRecord(JSON.parse(line));
  } catch {
    // Not JSON, or nested deeper than the engine can print: text.
    return undefined;
  }
}

function toRecord(value: unknown): LogRecord | undefined {
  if (!isObject(value)) return undefined;
  const fields = new Map(Object.entries(value));
  if (!fields.has('@message') && !fields.has('@level')) return undefined;
  const module = fields.get('@module');
  return {
    level: LEVELS.get(toText(fields.get('@level')).toLowerCase()) ?? 'debug',
    message: toText(fields.get('@message')),
    ...(module !== undefined && { module: toText(module) }),
    pairs: toPairs(fields),
  };
}

function toPairs(fields: ReadonlyMap<string, unknown>): LogPair[] {
  const pairs: LogPair[] = [];
  for (const [key, value] of fields) {
    if (key === '@level' || key === '@message' || key === '@module' || key === '@timestamp') continue;
    pairs.push([key, toValue(value)]);
  }
  return pairs;
}

/** Nested values become JSON text: a reader of pairs need not fear their depth. */
function toValue(value: unknown): LogPair[1] {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  return toText(value);
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
