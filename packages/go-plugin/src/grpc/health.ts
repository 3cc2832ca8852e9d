/** The health service every go-plugin plugin has (grpc/grpc doc/health-checking.md; go-plugin grpc_server.go, Init). */
import { readProto } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';

export const HEALTH_SERVICE = 'grpc.health.v1.Health';
export const HEALTH_CHECK_PATH = `/${HEALTH_SERVICE}/Check`;
export const HEALTH_WATCH_PATH = `/${HEALTH_SERVICE}/Watch`;

/** The one name a go-plugin plugin is known by (go-plugin grpc_server.go, GRPCServiceName). */
export const HEALTHY_NAME = 'plugin';

/** HealthCheckResponse.ServingStatus. */
export const SERVING = 1;
export const SERVICE_UNKNOWN = 3;

/** HealthCheckRequest: `1 service string`. */
export function encodeHealthRequest(service: string): Uint8Array {
  return new ProtoWriter().text(1, service).finish();
}

/** @throws PluginError `GRPC_MALFORMED` */
export function decodeHealthRequest(message: Uint8Array): string {
  let service = '';
  readProto(message, ({ number, bytes }) => {
    if (number === 1) service = new TextDecoder().decode(bytes);
  });
  return service;
}

/** HealthCheckResponse: `1 status enum`. */
export function encodeHealthReply(status: number): Uint8Array {
  return new ProtoWriter().number(1, status).finish();
}

/** @throws PluginError `GRPC_MALFORMED` */
export function decodeHealthReply(message: Uint8Array): number {
  let status = 0;
  readProto(message, ({ number, value }) => {
    if (number === 1) status = value;
  });
  return status;
}
