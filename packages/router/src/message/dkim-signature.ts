/** What DKIM signatures of a message cover (RFC 6376 §3.5), read without checking any of them. */
import type { HeaderFields } from './header-fields.ts';

/** No domain name is longer (RFC 5321 §4.5.3.1.2). */
const MAX_DOMAIN_LENGTH = 255;

/** Domains (tag d=) of the signatures that cover a field (tag h=), in message order, '' where it names none. */
export function domainsSigning(fields: HeaderFields, fieldName: string): readonly string[] {
  const wanted = fieldName.toLowerCase();
  return fields
    .all('dkim-signature')
    .map(tagsOf)
    .filter((tags) => namesIn(tags.get('h') ?? '').includes(wanted))
    .map((tags) => (tags.get('d') ?? '').slice(0, MAX_DOMAIN_LENGTH));
}

/** tag-list = tag-spec *( ";" tag-spec ) [ ";" ]; tag-spec = tag-name "=" tag-value (RFC 6376 §3.2) */
function tagsOf(value: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const spec of value.split(';')) {
    const equals = spec.indexOf('=');
    if (equals > 0) tags.set(spec.slice(0, equals).trim(), spec.slice(equals + 1).trim());
  }
  return tags;
}

/** sig-h-tag: hdr-name *( [FWS] ":" [FWS] hdr-name ) */
function namesIn(list: string): readonly string[] {
  return list.split(':').map((name) => name.trim().toLowerCase());
}
