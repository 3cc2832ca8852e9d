/** gRPC for go-plugin: messages, status and services, without HTTP/2. */
export type { GrpcCall, GrpcMethod, GrpcService } from './grpc-service.ts';
export { GRPC_STATUS, GrpcStatusError } from './grpc-status.ts';
