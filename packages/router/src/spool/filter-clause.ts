/** A filter as the condition of a statement, for every dialect of SQL that is spoken here. */
import type { SpoolFilter } from './spool-store.ts';

/** Where the dialects differ. */
export interface SqlDialect {
  /** What stands for the parameter of a number. */
  readonly mark: (number: number) => string;
  /** Function that answers where the second text stands in the first one, from 1; 0 = nowhere. */
  readonly position: 'instr' | 'strpos';
}

export interface FilterClause {
  /** With `m` for the message and `r` for the recipient; begins with an AND unless it is empty. */
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** `first`: number of the first parameter. `now`: of the store. */
export function filterClause(
  filter: SpoolFilter,
  { dialect, first, now }: { readonly dialect: SqlDialect; readonly first: number; readonly now: number },
): FilterClause {
  const values: (string | number)[] = [];
  const conditions: string[] = [];
  const add = (value: string | number | undefined, condition: (mark: string) => string): void => {
    if (value === undefined) return;
    conditions.push(` AND ${condition(dialect.mark(first + values.length))}`);
    values.push(value);
  };
  add(filter.messageId, (mark) => `m.id = ${mark}`);
  add(filter.user, (mark) => `m.account = ${mark}`);
  add(filter.downstreamId, (mark) => `r.downstream = ${mark}`);
  add(filter.domain, (mark) => `r.domain = ${mark}`);
  add(filter.minAgeMs === undefined ? undefined : now - filter.minAgeMs, (mark) => `m.spooled_at <= ${mark}`);
  add(filter.reason?.toLowerCase(), (mark) => `${dialect.position}(lower(r.reason), ${mark}) > 0`);
  add(filter.state, (mark) => `r.state = ${mark}`);
  return { sql: conditions.join(''), values };
}
