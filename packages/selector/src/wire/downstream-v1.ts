/**
 * `types.Downstream` of generation 1, as gob knows it: the only value both directions of `Select`
 * carry. Field names are the wire; gob matches by name and leaves empty strings out.
 */
import type { GobBasicType, GobSliceType, GobStructType } from '@smtp-router/go-plugin/gob';

/** One downstream on the wire. */
export interface DownstreamV1 {
  /** `host:port`. */
  readonly Addr: string;
  /** Login at the downstream, empty without AUTH. */
  readonly User: string;
  /** Empty unless the operator exposes passwords to this plugin. */
  readonly Pass: string;
}

const STRING: GobBasicType = { kind: 'string' };

const DOWNSTREAM_V1: GobStructType = {
  kind: 'struct',
  name: 'Downstream',
  fields: [
    { name: 'Addr', type: STRING },
    { name: 'User', type: STRING },
    { name: 'Pass', type: STRING },
  ],
};

/** Argument of `Plugin.Select`, and its reply as later changed: `[]Downstream`. */
export const DOWNSTREAM_LIST_V1: GobSliceType = { kind: 'slice', name: '', element: DOWNSTREAM_V1 };

/** Reply of `Plugin.Select` as first written: the `Addr` of the chosen downstream. */
export const ADDRESS_V1: GobBasicType = STRING;

/** Name of the one method of generation 1. */
export const SELECT_METHOD = 'Select';
