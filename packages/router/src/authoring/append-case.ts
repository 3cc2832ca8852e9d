/** Writes a case behind those a file has; its comments and form stay. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isMap, isSeq, parseDocument, stringify } from 'yaml';
import { RouterError } from '../errors.ts';
import type { CaseDocument } from './case-schema.ts';

const HEAD =
  '# Cases for `smtp-router plugin test`: messages, and what the selector is expected to decide.\n';

/** Makes the file when there is none. Throws `CONFIG_SYNTAX` when it is no file of cases. */
export function appendCase(file: string, one: CaseDocument): void {
  if (!existsSync(file)) {
    writeFileSync(file, HEAD + stringify({ cases: [one] }, { lineWidth: 0 }));
    return;
  }
  const document = parseDocument(readFileSync(file, 'utf8'));
  const cases = isMap(document.contents) ? document.get('cases') : undefined;
  if (document.errors.length > 0 || !isSeq(cases)) {
    throw new RouterError('CONFIG_SYNTAX', `${file} is no file of cases.`);
  }
  cases.add(document.createNode(one));
  writeFileSync(file, document.toString({ lineWidth: 0 }));
}
