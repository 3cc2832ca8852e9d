/**
 * The spool of one router, in SQLite: records and small bodies in one file, large bodies in files beside it.
 *
 * What must be on stable storage before `put` settles, in this order: the file of a large body, its name in
 * the directory, then the commit of the record (WAL, synchronous=FULL). What goes, goes the other way
 * round: the record first, the file after it. So a crash leaves files without a record at most, which the next
 * start sweeps away.
 */
import { dirname } from 'node:path';
import { RouterError } from '../../errors.ts';
import { createMemoryBody } from '../../message/memory-body.ts';
import type { MessageBody } from '../../message/message-body.ts';
import { entryOf, joinedContent, newRow } from '../new-row.ts';
import type {
  Claim,
  ClaimedMessage,
  ClaimOptions,
  NewSpoolMessage,
  PutResult,
  Settlement,
  SettleResult,
  SpoolChange,
  SpooledRecipient,
  SpoolFilter,
  SpoolStats,
  SpoolStore,
  SpoolTrace,
} from '../spool-store.ts';
import { StoredBody } from '../stored-body.ts';
import { parseEntries, parseFacts, parseRecipient, restoreMessage } from '../stored-message.ts';
import { SpoolFiles } from './spool-files.ts';
import type { SqliteClaim, SqliteNewRow } from './sqlite-spool.ts';
import { SqliteThreadHandle } from './sqlite-thread.ts';

/** A larger body would be written twice, to the log and to the database; as a file it is written once. */
const INLINE_BYTES = 65_536;
/** How long a look at the free space counts. */
const ROOM_KNOWN_MS = 250;
/** Beside the content: row, index and log. */
const RECORD_BYTES = 8_192;

export interface SqliteStoreOptions {
  /** The database; its directory is made when it is not there. */
  readonly path: string;
  /** A directory of its own, for large bodies. */
  readonly filesDirectory: string;
  /** `put` refuses when less would be left on the disk: then there is room to settle what is stored. */
  readonly minFreeBytes: number;
  /** Nothing is ever due later than this: what a clock set back could make of it. Default a day. */
  readonly longestDelayMs?: number;
  /** False for a command that looks on while another process may be at work. Default true. */
  readonly isOwner?: boolean;
  /** A whole file that could not be read was moved out of the way. */
  readonly onSetAside?: (error: RouterError) => void;
}

export class SqliteStore implements SpoolStore {
  readonly #options: SqliteStoreOptions;
  readonly #files: SpoolFiles;
  readonly #thread: SqliteThreadHandle;
  #freeBytes = Number.POSITIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #torn = 0;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#files = new SpoolFiles(options.filesDirectory);
    const { path, isOwner = true, longestDelayMs = 86_400_000 } = options;
    this.#thread = new SqliteThreadHandle({ path, isOwner, longestDelayMs });
  }

  async open(): Promise<void> {
    await new SpoolFiles(dirname(this.#options.path)).prepare().catch(unusable);
    await this.#files.prepare().catch(unusable);
    const { setAside } = await this.#thread.open();
    if (setAside !== undefined) this.#reportSetAside(setAside);
    if (this.#options.isOwner === false) return;
    const known = await this.#thread.ask('files', undefined);
    await this.#files.sweep(new Set(known)).catch(unusable);
  }

  async put(message: NewSpoolMessage): Promise<PutResult> {
    const row = await this.#newRow(message);
    try {
      const { isStored, token } = await this.#thread.ask('put', row, transferable(row));
      if (!isStored) {
        await this.#removeFiles([row.file]);
        return { kind: 'known' };
      }
      if (token === undefined) return { kind: 'stored' };
      return { kind: 'stored', claim: { messageId: row.id, token } };
    } catch (error) {
      await this.#removeFiles([row.file]);
      throw error;
    }
  }

  async claim(options: ClaimOptions): Promise<readonly ClaimedMessage[]> {
    const found = await this.#thread.ask('claim', options);
    const claimed = await Promise.all(found.map((claim) => this.#understand(claim)));
    return claimed.filter((message) => message !== undefined);
  }

  renew({ messageId, token }: Claim, leaseMs: number): Promise<boolean> {
    return this.#thread.ask('renew', { messageId, token, leaseMs });
  }

  async settle(claim: Claim, settlement: Settlement): Promise<SettleResult> {
    const { messageId, token } = claim;
    const also = settlement.also && (await this.#newRow(settlement.also, { isRoomNeeded: false }));
    const { isLast } = settlement;
    const { isCurrent, freedFiles } = await this.#thread.ask(
      'settle',
      { messageId, token, ...entryOf(settlement), isLast, ...(also !== undefined && { also }) },
      also && transferable(also),
    );
    await this.#removeFiles(freedFiles);
    return { isCurrent };
  }

  async change(change: SpoolChange, filter: SpoolFilter): Promise<number> {
    const { count, freedFiles } = await this.#thread.ask('change', { change, filter });
    await this.#removeFiles(freedFiles);
    return count;
  }

  list(filter: SpoolFilter, limit: number): Promise<readonly SpooledRecipient[]> {
    return this.#thread.ask('list', { filter, limit });
  }

  async trace(messageId: string): Promise<SpoolTrace | undefined> {
    const found = await this.#thread.ask('trace', messageId);
    const [first] = found?.recipients ?? [];
    if (found === undefined || first === undefined) return undefined;
    const { user, mailFrom, sizeBytes } = first;
    const { isClaimed, recipients } = found;
    const { receivedAt } = parseFacts(found.facts);
    const entries = parseEntries(found.entries);
    return { messageId, user, mailFrom, sizeBytes, receivedAt, isClaimed, recipients, entries };
  }

  async stats(): Promise<SpoolStats> {
    return { ...(await this.#thread.ask('stats', undefined)), torn: this.#torn };
  }

  nextDueInMs(): Promise<number | undefined> {
    return this.#thread.ask('nextDueInMs', undefined);
  }

  /** There is nobody else: whoever puts or changes something knows it. */
  onDue(): void {}

  close(): Promise<void> {
    return this.#thread.close();
  }

  /** Content that is handed to the thread, or is on stable storage already. */
  async #newRow(message: NewSpoolMessage, { isRoomNeeded = true } = {}): Promise<SqliteNewRow> {
    const { body } = message.message;
    if (isRoomNeeded) await this.#needRoom(body.sizeBytes);
    const row = newRow(message);
    if (body.sizeBytes <= INLINE_BYTES) return { ...row, content: await joinedContent(message.message) };
    try {
      return { ...row, file: await this.#files.write(body) };
    } catch (cause) {
      throw fileFault(cause);
    }
  }

  async #needRoom(sizeBytes: number): Promise<void> {
    const now = performance.now();
    if (now - this.#lookedAt > ROOM_KNOWN_MS) {
      this.#lookedAt = now;
      this.#freeBytes = await this.#files.free().catch((cause) => Promise.reject(fileFault(cause)));
    }
    this.#freeBytes -= sizeBytes + RECORD_BYTES;
    if (this.#freeBytes >= this.#options.minFreeBytes) return;
    const message = `The disk of the spool has less than min_free left (${this.#options.minFreeBytes} bytes).`;
    throw new RouterError('ROUTER_SPOOL_FULL', message);
  }

  /** Undefined = set aside: what is stored makes no message. */
  async #understand(claim: SqliteClaim): Promise<ClaimedMessage | undefined> {
    try {
      const recipients = claim.recipients.map(({ id, facts }) => parseRecipient(id, facts));
      const facts = parseFacts(claim.facts);
      const message = restoreMessage(claim.id, { facts, recipients, body: await this.#body(claim) });
      const { id: messageId, token, due, ageMs, isRecovered } = claim;
      return { messageId, token, message, due, attempts: parseEntries(claim.entries), ageMs, isRecovered };
    } catch (error) {
      this.#torn += 1;
      const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      const reason = `The record is torn (${why}).`;
      await this.#thread.ask('setAside', { messageId: claim.id, reason });
      return undefined;
    }
  }

  async #body({ content, file, sizeBytes, has8bit }: SqliteClaim): Promise<MessageBody> {
    if (content !== undefined) {
      if (content.length !== sizeBytes) throw new Error('the content is cut');
      return createMemoryBody([content]);
    }
    const name = file ?? '';
    const first = await this.#files.first(name);
    return new StoredBody({ sizeBytes, has8bit, first, read: () => this.#files.read(name, sizeBytes) });
  }

  #reportSetAside(path: string): void {
    this.#torn += 1;
    const message = `The spool could not be read; it was moved to ${path}, and a new one is used.`;
    this.#options.onSetAside?.(new RouterError('ROUTER_SPOOL_FAILED', message));
  }

  async #removeFiles(names: readonly (string | undefined)[]): Promise<void> {
    await Promise.all(names.map((name) => (name === undefined ? undefined : this.#files.remove(name))));
  }
}

/** Contents made by `joinedContent` own their memory. */
function transferable({ content }: SqliteNewRow): Uint8Array<ArrayBuffer> | undefined {
  return content?.buffer instanceof ArrayBuffer ? new Uint8Array(content.buffer) : undefined;
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

function fileFault(cause: unknown): RouterError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
  const message = `The spool could not write a body (${code}).`;
  return new RouterError(FULL.has(code) ? 'ROUTER_SPOOL_FULL' : 'ROUTER_SPOOL_FAILED', message, { cause });
}

function unusable(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
  throw new RouterError('ROUTER_SPOOL_UNUSABLE', `The directory of the spool cannot be used (${code}).`, {
    cause,
  });
}
