/** What the store says to its thread, and hears from it. */
import type { ClaimOptions, SpoolChange, SpooledRecipient, SpoolFilter, SpoolStats } from '../spool-store.ts';
import type {
  FreedFiles,
  SqliteClaim,
  SqliteNewRow,
  SqlitePutResult,
  SqliteRenewal,
  SqliteSettlement,
  SqliteTrace,
} from './sqlite-spool.ts';

/** How the file is opened. */
export interface SqliteOpening {
  readonly path: string;
  /** Also takes back what was claimed; not when another process may be at work. */
  readonly isOwner: boolean;
  readonly longestDelayMs: number;
}

/** Everything that can be asked of the thread: argument and answer. */
export interface SqliteOperations {
  readonly open: (opening: SqliteOpening) => { readonly setAside?: string };
  readonly put: (row: SqliteNewRow) => SqlitePutResult;
  readonly claim: (options: ClaimOptions) => readonly SqliteClaim[];
  readonly renew: (renewal: SqliteRenewal) => boolean;
  readonly settle: (settlement: SqliteSettlement) => FreedFiles & { readonly isCurrent: boolean };
  readonly change: (change: {
    readonly change: SpoolChange;
    readonly filter: SpoolFilter;
  }) => FreedFiles & { readonly count: number };
  readonly list: (list: {
    readonly filter: SpoolFilter;
    readonly limit: number;
  }) => readonly SpooledRecipient[];
  readonly trace: (messageId: string) => SqliteTrace | undefined;
  readonly stats: (nothing: undefined) => Omit<SpoolStats, 'torn'>;
  readonly nextDueInMs: (nothing: undefined) => number | undefined;
  readonly files: (nothing: undefined) => readonly string[];
  readonly setAside: (record: { readonly messageId: string; readonly reason: string }) => void;
  readonly close: (nothing: undefined) => void;
}

export type OperationName = keyof SqliteOperations;
export type Argument<Name extends OperationName> = Parameters<SqliteOperations[Name]>[0];
export type Answer<Name extends OperationName> = ReturnType<SqliteOperations[Name]>;

/** One thing asked; several go in one message, and into one commit. */
export type SqliteRequest = {
  [Name in OperationName]: {
    readonly number: number;
    readonly name: Name;
    readonly argument: Argument<Name>;
  };
}[OperationName];

export type SqliteResponse =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly fault: SqliteFault };

/** What went wrong in the thread. */
export interface SqliteFault {
  /** Of the catalogue. */
  readonly code: 'ROUTER_SPOOL_FULL' | 'ROUTER_SPOOL_FAILED' | 'ROUTER_SPOOL_UNUSABLE';
  readonly message: string;
}
