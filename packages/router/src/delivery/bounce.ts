/**
 * The report to a sender that recipients did not get its mail: a multipart/report of three parts, for people, for
 * programs and the header of the mail (RFC 3464, RFC 6522), with what the sender asked of it (RFC 3461).
 */
import { type EsmtpParameter, parseReversePath } from '@smtp-router/smtp/grammar';
import { createMemoryBody } from '../message/memory-body.ts';
import type { Message, Recipient } from '../message/message.ts';
import { describeReply, printable } from '../message/reply-text.ts';
import type { FailedRecipient } from './settle-round.ts';

/** Who gets reports, and by whom they go. */
export interface BounceOptions {
  /** The router's own name. */
  readonly hostname: string;
  /** `sender`, `none`, or the address that gets all of them. */
  readonly to: string;
  /** Address in From; '' = MAILER-DAEMON at the router. */
  readonly from: string;
  /** User whose routes carry reports; absent = those of the mail. */
  readonly user?: string;
}

/** What of a mail a report needs; its body may be gone by then. */
export interface ReportedMail extends Pick<Message, 'id' | 'envelope' | 'session' | 'receivedAt'> {
  readonly header: Uint8Array;
}

export function reportedMail({ id, envelope, session, receivedAt, body }: Message): ReportedMail {
  return { id, envelope, session, receivedAt, header: body.headerSection };
}

/** A report, or why there is none. */
export type Bounce =
  | { readonly kind: 'report'; readonly message: Message }
  | { readonly kind: 'none'; readonly reason: string };

/** What makes a report. `id` is that of the report. */
export interface BounceRequest {
  readonly mail: ReportedMail;
  readonly failed: readonly FailedRecipient[];
  readonly id: string;
  /** Unix milliseconds. */
  readonly now: number;
  readonly options: BounceOptions;
}

/** Composes a report for those of the failed whose sender wants to hear of it. */
export function composeBounce(request: BounceRequest): Bounce {
  const { mail, options, id, now } = request;
  const failed = request.failed.filter(({ recipientId }) => wantsReport(recipientOf(mail, recipientId)));
  const address = receiverOf(mail, options);
  if ('reason' in address) return { kind: 'none', reason: address.reason };
  if (failed.length === 0) return { kind: 'none', reason: 'the sender asked for no report' };
  const path = parseReversePath(`<${address.to}>`);
  if (path === undefined || path.address === '') {
    return { kind: 'none', reason: 'there is no address to report to' };
  }
  const content = reportText({ ...request, failed }, address.to);
  const message: Message = {
    id,
    envelope: {
      reversePath: { address: '' },
      mailParameters: [],
      forwardPaths: [{ id: 0, path, parameters: [{ keyword: 'NOTIFY', value: 'NEVER' }] }],
    },
    body: createMemoryBody([content]),
    session: {
      sessionId: mail.session.sessionId,
      listener: 'spool',
      clientAddress: '',
      helo: options.hostname,
      isTls: false,
      isEsmtp: false,
      isAuthenticated: true,
      user: options.user ?? mail.session.user,
    },
    receivedAt: now,
  };
  return { kind: 'report', message };
}

/** Nobody answers an automatic answer (RFC 5321 §4.5.5), nor does anybody tell a stranger who may have been forged. */
function receiverOf(
  { envelope, session }: ReportedMail,
  { to }: BounceOptions,
): { readonly to: string } | { readonly reason: string } {
  const sender = envelope.reversePath.address;
  if (sender === '') return { reason: 'the mail was an automatic answer itself' };
  if (to === 'none') return { reason: 'bounces.to is none' };
  if (to !== 'sender') return { to };
  return session.isAuthenticated ? { to: sender } : { reason: 'the sender had not logged in' };
}

/** RFC 3461 §4.1: without NOTIFY a failure is told. */
function wantsReport(recipient: Recipient | undefined): boolean {
  const notify = parameterOf(recipient?.parameters ?? [], 'NOTIFY')?.toUpperCase();
  return notify === undefined || notify.split(',').includes('FAILURE');
}

function recipientOf({ envelope }: ReportedMail, recipientId: number): Recipient | undefined {
  return envelope.forwardPaths.find(({ id }) => id === recipientId);
}

function parameterOf(parameters: readonly EsmtpParameter[], keyword: string): string | undefined {
  return parameters.find((parameter) => parameter.keyword === keyword)?.value;
}

function reportText({ mail, failed, id, now, options }: BounceRequest, to: string): Uint8Array {
  const boundary = `report-${id}`;
  const from = options.from === '' ? `MAILER-DAEMON@${options.hostname}` : options.from;
  const isUtf8 = [to, ...failed.map(({ recipientId }) => addressOf(mail, recipientId))].some(isBeyondAscii);
  const global = isUtf8 || mail.header.some((byte) => byte > 127) ? 'global-' : '';
  const head = [
    `From: Mail Delivery System <${from}>`,
    `To: <${to}>`,
    'Subject: Undelivered mail returned to sender',
    `Date: ${dateText(now)}`,
    `Message-ID: <${id}@${options.hostname}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${global}delivery-status;`,
    `\tboundary="${boundary}"`,
  ];
  const body = [
    '',
    'This is a MIME-encapsulated message.',
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    ...(isUtf8 ? ['Content-Transfer-Encoding: 8bit'] : []),
    '',
    ...humanLines(mail, failed, options),
    '',
    `--${boundary}`,
    `Content-Type: message/${global}delivery-status`,
    ...(isUtf8 ? ['Content-Transfer-Encoding: 8bit'] : []),
    '',
    ...statusLines(mail, failed, options),
    `--${boundary}`,
    `Content-Type: ${global === '' ? 'text/rfc822-headers' : 'message/global-headers'}`,
    ...(global === '' ? [] : ['Content-Transfer-Encoding: 8bit']),
    '',
    '',
  ];
  return Buffer.concat([
    Buffer.from([...head, ...body].join('\r\n'), 'utf8'),
    headerOf(mail),
    Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  ]);
}

/** Without the empty line at its end, and without lines that would be too long for a mail. */
function headerOf({ header }: ReportedMail): Uint8Array {
  const lines = Buffer.from(header).toString('latin1').split(/\r?\n/);
  const kept = lines.filter((line) => line !== '' && line.length <= 998);
  return Buffer.from(`${kept.join('\r\n')}\r\n`, 'latin1');
}

function humanLines(
  mail: ReportedMail,
  failed: readonly FailedRecipient[],
  { hostname }: BounceOptions,
): readonly string[] {
  return [
    `This is the mail system at ${hostname}.`,
    '',
    'Your message could not be delivered to the recipients below. Nobody will try again.',
    '',
    ...failed.flatMap(({ recipientId, kind, outcome }) => [
      `<${addressOf(mail, recipientId)}>:`,
      ...wrapped(
        kind === 'expired' ? `it could not be delivered in time. Last: ${wordOf(outcome)}` : wordOf(outcome),
      ),
      '',
    ]),
  ];
}

function statusLines(
  mail: ReportedMail,
  failed: readonly FailedRecipient[],
  { hostname }: BounceOptions,
): readonly string[] {
  const envelopeId = parameterOf(mail.envelope.mailParameters, 'ENVID');
  return [
    `Reporting-MTA: dns; ${hostname}`,
    ...(envelopeId === undefined ? [] : [`Original-Envelope-Id: ${envelopeId}`]),
    `Arrival-Date: ${dateText(mail.receivedAt)}`,
    '',
    ...failed.flatMap(({ recipientId, kind, outcome }) => {
      const address = addressOf(mail, recipientId);
      const original = parameterOf(recipientOf(mail, recipientId)?.parameters ?? [], 'ORCPT');
      const reply = outcome.reply;
      return [
        ...(original === undefined ? [] : [`Original-Recipient: ${original.replace(';', '; ')}`]),
        `Final-Recipient: ${isBeyondAscii(address) ? 'utf-8' : 'rfc822'}; ${address}`,
        'Action: failed',
        `Status: ${statusOf(kind, reply?.enhancedCode)}`,
        ...(reply === undefined
          ? []
          : [`Diagnostic-Code: smtp; ${printable(describeReply(reply)).slice(0, 900)}`]),
        '',
      ];
    }),
  ];
}

/** RFC 3463: 5.4.7 = delivery time expired. */
function statusOf(kind: FailedRecipient['kind'], enhancedCode: string | undefined): string {
  if (kind === 'expired') return '5.4.7';
  return enhancedCode?.startsWith('5.') ? enhancedCode : '5.0.0';
}

/** What a downstream said; of our own configuration a report says nothing. */
function wordOf({ reply }: FailedRecipient['outcome']): string {
  return reply === undefined
    ? 'no mail server accepted it'
    : `a mail server said: ${printable(describeReply(reply))}`;
}

function wrapped(text: string): readonly string[] {
  return text.match(/.{1,70}(?:\s|$)|\S{1,900}/g)?.map((line) => `    ${line.trim()}`) ?? [];
}

function addressOf(mail: ReportedMail, recipientId: number): string {
  return recipientOf(mail, recipientId)?.path.address ?? '';
}

function isBeyondAscii(text: string): boolean {
  return [...text].some((character) => character > '\x7e');
}

function dateText(milliseconds: number): string {
  return new Date(milliseconds).toUTCString().replace('GMT', '+0000');
}
