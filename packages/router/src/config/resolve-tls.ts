/** The certificate of the listeners: both files must be there and belong together. */
import { resolve } from 'node:path';
import { examinePair, readCertificatePairSync } from '../certificate-pair.ts';
import type { ConfigScope } from './config-scope.ts';
import type { RouterConfig } from './router-config.ts';
import type { ConfigDocument } from './schema.ts';

/** Absolute paths; undefined when no certificate is named. What cannot be served is noted. */
export function resolveTls(document: ConfigDocument['tls'], scope: ConfigScope): RouterConfig['tls'] {
  if (document === undefined) return undefined;
  const files = {
    certFile: resolve(scope.directory, document.cert),
    keyFile: resolve(scope.directory, document.key),
  };
  const pair = readCertificatePairSync(files);
  const facts = typeof pair === 'string' ? pair : examinePair(pair, files);
  if (typeof facts === 'string') {
    scope.note('CONFIG_BAD_VALUE', ['tls'], facts);
  } else if (facts.validUntil < Date.now()) {
    scope.warn(
      ['tls', 'cert'],
      `${files.certFile} expired on ${new Date(facts.validUntil).toUTCString()}; clients that check it will refuse`,
    );
  }
  return files;
}
