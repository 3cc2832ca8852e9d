/** net/rpc for JavaScript: calls and answers on one stream, without the stream. */
export { DeadlineHeap, type Due } from './deadline-heap.ts';
export {
  type PendingRpcCall,
  type RpcCall,
  RpcCaller,
  type RpcCallerEvent,
  type RpcCallerOptions,
} from './rpc-caller.ts';
export {
  parseRequestHeader,
  parseResponseHeader,
  REQUEST_TYPE,
  RESPONSE_TYPE,
  type RequestHeader,
  type ResponseHeader,
} from './rpc-header.ts';
export {
  type RpcRequest,
  RpcResponder,
  type RpcResponderEvent,
  type RpcResponderOptions,
} from './rpc-responder.ts';
export type { RpcMethod, RpcService } from './rpc-service.ts';
