/** The mails of the demo. */

/** Subjects of the sample mails, in the order they are sent. */
export const SAMPLE_SUBJECTS = [
  'Welcome aboard',
  'Reset your password',
  'Your invoice for November',
  'Somebody signed in from a new device',
  'Weekly report',
  'Your parcel is on its way',
] as const satisfies readonly string[];

export interface SampleMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly at: Date;
}

/** A short mail with CRLF line ends; a line that begins with a dot shows that those arrive as they are. */
export function composeSampleMail({ from, to, subject, at }: SampleMail): Uint8Array {
  const lines = [
    `From: Demo <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${at.getTime()}.${subject.length}@demo.example>`,
    '',
    `${subject}.`,
    '.hidden lines stay as they are',
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n`);
}
