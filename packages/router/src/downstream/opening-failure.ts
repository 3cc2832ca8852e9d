import type { RouterErrorCode } from '../errors.ts';

/** Why a connection could not be opened, in words of the catalogue. */
export interface OpeningFailure {
  readonly code: RouterErrorCode;
  /** Continues a sentence that names the downstream. */
  readonly what: string;
}

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA']);
/** Codes of OpenSSL's verification and of Node, by what an operator has to do about them. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);
const SELF_SIGNED = 'DEPTH_ZERO_SELF_SIGNED_CERT';

/** Sorts the error of a TCP socket. */
export function describeConnectFailure(error: Error, host: string): OpeningFailure {
  const code = errorCode(error);
  if (UNRESOLVED.has(code)) {
    return { code: 'ROUTER_DNS_FAILED', what: `cannot be found: ${host} does not resolve (${code})` };
  }
  return { code: 'ROUTER_CONNECT_FAILED', what: `cannot be reached (${code || error.message})` };
}

/** Sorts the error of a TLS socket; `host` is the name the certificate was checked against. */
export function describeTlsFailure(error: Error, host: string): OpeningFailure {
  const code = errorCode(error);
  if (code === 'CERT_NOT_YET_VALID') {
    return { code: 'ROUTER_TLS_CERTIFICATE_EXPIRED', what: 'has a certificate that is not yet valid' };
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return { code: 'ROUTER_TLS_CERTIFICATE_EXPIRED', what: 'has a certificate that has expired' };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { code: 'ROUTER_TLS_NAME_MISMATCH', what: `has a certificate that is not made out to ${host}` };
  }
  if (UNTRUSTED.has(code)) {
    const why = code === SELF_SIGNED ? 'a self-signed certificate' : 'a certificate of an unknown authority';
    return { code: 'ROUTER_TLS_CERTIFICATE_UNTRUSTED', what: `has ${why}` };
  }
  return { code: 'ROUTER_TLS_FAILED', what: `did not complete the TLS handshake (${code || error.message})` };
}

/** `code` of a system or OpenSSL error, '' when it has none. */
export function errorCode(error: Error): string {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
