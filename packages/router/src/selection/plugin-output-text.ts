/** Lines a plugin wrote, as one line of the router's log each. */
import type { LogRecord, PluginOutput as ProcessOutput } from '@smtp-router/go-plugin/host';
import { withoutControls } from '@smtp-router/selector/contract';
import type { PluginOutput } from '../events/router-event.ts';

/** Characters of a line that are kept. */
const MAX_LINE_CHARS = 2048;

/**
 * Answers level and text: pairs of a record as `key=value` behind its message, control characters as
 * spaces, secrets blanked, cut to 2048 characters. Printed lines are `info` from stdout, `warn` from
 * stderr.
 */
export function outputText(
  output: ProcessOutput,
  secrets: readonly string[],
): Pick<PluginOutput, 'level' | 'message'> {
  const blank = blanker(secrets);
  switch (output.kind) {
    case 'log':
      return { level: output.record.level, message: tidy(recordText(output.record, blank)) };
    case 'print':
      return { level: output.stream === 'stdout' ? 'info' : 'warn', message: tidy(blank(output.text)) };
    case 'dropped':
      return {
        level: 'warn',
        message: `${output.bytes} bytes of ${output.stream} were thrown away: the plugin writes too fast`,
      };
  }
}

function recordText(record: LogRecord, blank: (text: string) => string): string {
  const pairs = record.pairs.map(([key, value]) => `${blank(key)}=${pairValue(blank(String(value)))}`);
  return [blank(record.message), ...pairs].join(' ');
}

function pairValue(text: string): string {
  return /[\s"=]/.test(text) || text === '' ? JSON.stringify(text) : text;
}

/** Longest first, so that a secret which is part of another leaves no remainder. */
function blanker(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== '').toSorted((one, other) => other.length - one.length);
  return (text) => known.reduce((blanked, secret) => blanked.replaceAll(secret, '[secret]'), text);
}

function tidy(text: string): string {
  return withoutControls(text).slice(0, MAX_LINE_CHARS);
}
