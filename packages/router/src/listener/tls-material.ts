/**
 * The certificate the listeners show, followed on disk: whoever renews it writes two files, one after
 * the other, and tells nobody. So the files are read every few seconds. What two readings in a row
 * agree on has been written to its end; it is served from then on if it is a matching pair. A pair that
 * cannot be served is reported once and the earlier one stays. TLS sessions keep what they began with.
 */
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  type CertificateFiles,
  type CertificatePair,
  examinePair,
  readCertificatePair,
} from '../certificate-pair.ts';
import type { CancelTimer, Clock } from '../clock.ts';
import { RouterError } from '../errors.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { CertificateChanged } from '../events/router-event.ts';

/** From one reading of the files to the next, in milliseconds. */
export const CERTIFICATE_POLL_MS = 10_000;

/** What material is loaded from, and who hears of changes. */
export interface TlsMaterialOptions {
  readonly files: CertificateFiles;
  readonly events: EventSink;
  readonly clock: Clock;
  /** Instead of reading the files; for tests. */
  readonly read?: (files: CertificateFiles) => Promise<CertificatePair | string>;
}

/** What a reading found: a pair, or why there is none. */
type Reading = CertificatePair | string;

/** Shared by all listeners of a router. Whoever loads it closes it. */
export class TlsMaterial {
  readonly #options: TlsMaterialOptions;
  readonly #read: (files: CertificateFiles) => Promise<Reading>;
  #context: SecureContext | undefined;
  /** Marks of readings, see `markOf`: what is served, what was reported as unusable, what came last. */
  #served = '';
  #rejected = '';
  #last = '';
  #cancel: CancelTimer | undefined;
  #isClosed: boolean = false;

  constructor(options: TlsMaterialOptions) {
    this.#options = options;
    this.#read = options.read ?? readCertificatePair;
  }

  /** For handshakes that begin now. Undefined before `load` only. */
  get secureContext(): SecureContext | undefined {
    return this.#context;
  }

  /**
   * Reads the files for the first time and follows them from then on.
   * @throws RouterError `ROUTER_CERTIFICATE_UNUSABLE`; then nothing is followed.
   */
  async load(): Promise<void> {
    const reading = await this.#read(this.#options.files);
    const fault = this.#serve(reading);
    if (fault !== undefined) throw new RouterError('ROUTER_CERTIFICATE_UNUSABLE', fault);
    this.#last = this.#served;
    this.#schedule();
  }

  /** Ends the following; the last context stays usable. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#options.clock.schedule(CERTIFICATE_POLL_MS, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    const reading = await this.#read(this.#options.files);
    if (this.#isClosed) return;
    const mark = markOf(reading);
    const isSettled = mark === this.#last;
    this.#last = mark;
    if (mark === this.#served) this.#rejected = '';
    else if (isSettled && mark !== this.#rejected) this.#replace(reading, mark);
    this.#schedule();
  }

  #replace(reading: Reading, mark: string): void {
    const fault = this.#serve(reading);
    this.#rejected = fault === undefined ? '' : mark;
    if (fault !== undefined) this.#report({ code: 'ROUTER_CERTIFICATE_UNUSABLE', message: fault });
  }

  /** Why the reading cannot be served; undefined when it is from now on. */
  #serve(reading: Reading): string | undefined {
    if (typeof reading === 'string') return reading;
    const facts = examinePair(reading, this.#options.files);
    if (typeof facts === 'string') return facts;
    try {
      this.#context = contextOf(reading);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return `${this.#options.files.certFile} cannot be served: ${why}`;
    }
    this.#served = reading.fingerprint;
    this.#report({ validUntil: facts.validUntil });
    return undefined;
  }

  #report(change: Pick<CertificateChanged, 'validUntil' | 'code' | 'message'>): void {
    this.#options.events.emit({
      kind: 'certificate-changed',
      file: this.#options.files.certFile,
      ...change,
    });
  }
}

/** Equal for readings that found the same. */
function markOf(reading: Reading): string {
  return typeof reading === 'string' ? reading : reading.fingerprint;
}

/** TLS 1.2 and later (RFC 8996); a client cannot make a session negotiate again, which costs it little and us much. */
function contextOf({ cert, key }: CertificatePair): SecureContext {
  return createSecureContext({
    cert: Buffer.from(cert),
    key: Buffer.from(key),
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
}
