/** Ending a plugin over gRPC (go-plugin grpc_controller.go): `Shutdown(Empty) → Empty`. */
export const SHUTDOWN_PATH = '/plugin.GRPCController/Shutdown';

/** `plugin.Empty` and `google.protobuf.Empty`. */
export const EMPTY_MESSAGE = new Uint8Array(0);
