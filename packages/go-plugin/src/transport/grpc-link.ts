/** One HTTP/2 session of a host with what runs on it: calls, and the plugin's output. */
import type { ClientHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { PluginError } from '../errors.ts';
import type { DeadlineTimer } from './deadline-timer.ts';
import { GrpcCaller } from './grpc-caller.ts';
import type { GrpcLimits } from './grpc-limits.ts';
import { connectionLost, endOf, openHttp2 } from './http2-session.ts';
import { readPrintedOutput } from './printed-output.ts';

export interface GrpcLinkOptions {
  readonly isTls: boolean;
  readonly limits: GrpcLimits;
  readonly timer: DeadlineTimer;
  readonly clock: Clock;
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
}

export class GrpcLink {
  readonly session: ClientHttp2Session;
  readonly caller: GrpcCaller;
  /** Settles once when the session is over: with the cause, or undefined when nothing was wrong. */
  readonly ended: Promise<Error | undefined>;

  /** Owns `stream`, which is connected and safe to speak on. */
  constructor(stream: Duplex, options: GrpcLinkOptions) {
    this.session = openHttp2(stream);
    this.ended = endOf(this.session);
    const { session } = this;
    this.caller = new GrpcCaller({ ...options, session, now: () => options.clock.now() });
    readPrintedOutput({
      session,
      isTls: options.isTls,
      clock: options.clock,
      onStdout: (bytes) => options.onStdout(bytes),
      onStderr: (bytes) => options.onStderr(bytes),
    });
    void this.ended.then((cause) => this.caller.close(connectionLost(cause)));
  }

  /** False once the peer said that it takes no more calls here; those under way may still be answered. */
  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  /** Ends session and stream; calls are rejected by `error`. */
  close(error: PluginError): void {
    this.caller.close(error);
    this.session.destroy();
  }
}
