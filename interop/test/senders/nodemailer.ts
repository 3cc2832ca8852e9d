/** The npm package nodemailer, in this process. */
import { readFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import type { Sender } from './sender.ts';

export const nodemailer: Sender = {
  name: 'nodemailer',
  missing: async () => [],
  send: async ({ port, mode, authority, user, password, mailFrom, recipients, files }) => {
    const transport = createTransport({
      host: '127.0.0.1',
      port,
      name: 'client.example.com',
      pool: true,
      maxConnections: 1,
      secure: mode === 'implicit',
      requireTLS: mode === 'starttls',
      ignoreTLS: mode === 'off',
      tls: { ca: await readFile(authority) },
      auth: { user, pass: password },
    });
    try {
      for (const file of files) {
        const envelope = { from: mailFrom, to: [...recipients] };
        await transport.sendMail({ envelope, raw: await readFile(file) });
      }
    } finally {
      transport.close();
    }
  },
};
