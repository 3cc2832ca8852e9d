/**
 * What precedes the argument and the reply of a call (net/rpc server.go, Request and Response). The method
 * is `Service.Method`; Seq rises from 0 on each stream; an Error that is not empty makes the reply
 * meaningless, but it is there.
 */
import { PluginError } from '../errors.ts';
import type { GobDecoded } from '../gob/gob-value.ts';
import { GOB_STRING, GOB_UINT, gobStruct } from '../gob/schema.ts';

export const REQUEST_TYPE = gobStruct('Request', { ServiceMethod: GOB_STRING, Seq: GOB_UINT });

export const RESPONSE_TYPE = gobStruct('Response', {
  ServiceMethod: GOB_STRING,
  Seq: GOB_UINT,
  Error: GOB_STRING,
});

export interface RequestHeader {
  readonly serviceMethod: string;
  readonly seq: number | bigint;
}

export interface ResponseHeader {
  readonly seq: number | bigint;
  /** Empty when the call succeeded. */
  readonly error: string;
}

/** Throws `RPC_BAD_HEADER`: a stream on which headers are not found can only be given up. */
export function parseRequestHeader({ value }: GobDecoded): RequestHeader {
  if (typeof value === 'object' && value !== null && 'ServiceMethod' in value && 'Seq' in value) {
    const { ServiceMethod: serviceMethod, Seq: seq } = value;
    if (typeof serviceMethod === 'string' && isSeq(seq)) return { serviceMethod, seq };
  }
  throw badHeader('request');
}

/** Throws `RPC_BAD_HEADER`. */
export function parseResponseHeader({ value }: GobDecoded): ResponseHeader {
  if (typeof value === 'object' && value !== null && 'Error' in value && 'Seq' in value) {
    const { Error: error, Seq: seq } = value;
    if (typeof error === 'string' && isSeq(seq)) return { seq, error };
  }
  throw badHeader('response');
}

function isSeq(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function badHeader(what: string): PluginError {
  return new PluginError('RPC_BAD_HEADER', `Something else than a net/rpc ${what} header was received.`);
}
