/**
 * What the two brokers tell each other (go-plugin grpc_broker.proto): `StartStream(stream ConnInfo) → stream
 * ConnInfo`. Without a multiplexer whoever accepts an id says where it listens for it; with one, whoever dials
 * knocks and waits for the other's word.
 */
import { readProto } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';

export const BROKER_PATH = '/plugin.GRPCBroker/StartStream';

/** ConnInfo: `1 service_id uint32, 2 network string, 3 address string, 4 knock {1 knock bool, 2 ack bool, 3 error string}`. */
export interface ConnInfo {
  readonly serviceId: number;
  readonly network: string;
  readonly address: string;
  readonly knock?: Knock;
}

export interface Knock {
  readonly isKnock: boolean;
  readonly isAck: boolean;
  /** Why nobody opens; empty when somebody does. */
  readonly error: string;
}

export function encodeConnInfo({ serviceId, network, address, knock }: ConnInfo): Uint8Array {
  const writer = new ProtoWriter().number(1, serviceId).text(2, network).text(3, address);
  if (knock !== undefined) writer.bytes(4, encodeKnock(knock));
  return writer.finish();
}

/** @throws PluginError `GRPC_MALFORMED` */
export function decodeConnInfo(message: Uint8Array): ConnInfo {
  const info = { serviceId: 0, network: '', address: '' };
  let knock: Knock | undefined;
  readProto(message, ({ number, value, bytes }) => {
    if (number === 1) info.serviceId = value;
    else if (number === 2) info.network = text(bytes);
    else if (number === 3) info.address = text(bytes);
    else if (number === 4) knock = decodeKnock(bytes);
  });
  return { ...info, ...(knock !== undefined && { knock }) };
}

function encodeKnock({ isKnock, isAck, error }: Knock): Uint8Array {
  return new ProtoWriter().number(1, isKnock).number(2, isAck).text(3, error).finish();
}

function decodeKnock(message: Uint8Array): Knock {
  const knock = { isKnock: false, isAck: false, error: '' };
  readProto(message, ({ number, value, bytes }) => {
    if (number === 1) knock.isKnock = value !== 0;
    else if (number === 2) knock.isAck = value !== 0;
    else if (number === 3) knock.error = text(bytes);
  });
  return knock;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
