/**
 * Sockets that all read into one buffer.
 *
 * Node gives every read a fresh buffer of 64 KiB. A command of SMTP fills thirty bytes of it; making
 * it, shrinking it and letting it go costs more than reading the command. Here bytes are copied out of a
 * buffer that is used again for the next read of any socket. Whoever uses such a socket notices nothing:
 * bytes come by its event `data` or wait in its stream, and a stream that is full stops the reading.
 *
 * Not on Windows, where the kernel keeps the buffer of a read that is pending.
 * See docs/decisions/0021-reads-into-one-buffer.md.
 */
import { type OnReadOpts, type Server, Socket } from 'node:net';

/** What Node reads at a time, too. */
const BUFFER_BYTES = 65_536;
/** Up to here a loop is faster than the native copy. */
const FEW_BYTES = 64;

/** Holds nothing but the bytes of the read that is being handed on. */
const BUFFER: Buffer | undefined =
  process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(BUFFER_BYTES);

/** The option `onread` of a socket that is about to be made; none where sockets read as Node has it. */
export function readIntoOneBuffer(socket: () => Socket): { readonly onread?: OnReadOpts } {
  if (BUFFER === undefined) return {};
  const callback = (length: number, bytes: Uint8Array): boolean => handOn(socket(), copyOf(bytes, length));
  return { onread: { buffer: BUFFER, callback } };
}

/**
 * Lets the connections of a server that is listening be such sockets. Node makes the sockets of a server by
 * itself and has no option for it, so the server's handle is told to hand connections to us. Where there
 * is no such handle the answer is false, and the server goes on by its event `connection`.
 */
export function acceptIntoOneBuffer(server: Server, onSocket: (socket: Socket) => void): boolean {
  const handle = handleOf(server);
  const acceptByNode = handle?.onconnection;
  if (BUFFER === undefined || handle === undefined || acceptByNode === undefined) return false;
  handle.onconnection = (status, connection) => {
    if (status === 0 && connection !== undefined) onSocket(socketOn(connection));
    else acceptByNode.call(handle, status, connection);
  };
  return true;
}

/** As much of what Node keeps inside a server as is used. */
interface ServerHandle {
  onconnection?: (status: number, connection: object | undefined) => void;
}

function handleOf(server: Server): ServerHandle | undefined {
  const handle: unknown = '_handle' in server ? server._handle : undefined;
  const isKnown = typeof handle === 'object' && handle !== null && 'onconnection' in handle;
  return isKnown && typeof handle.onconnection === 'function' ? (handle as ServerHandle) : undefined;
}

function socketOn(handle: object): Socket {
  // `handle` is what Node itself passes; its types leave it out.
  const options = { handle, allowHalfOpen: true, ...readIntoOneBuffer(() => socket) };
  const socket: Socket = new Socket(options);
  return socket.setNoDelay(true);
}

/** To whoever listens; into the stream while nobody does. False = it is full. */
function handOn(socket: Socket, bytes: Buffer): boolean {
  if (socket.readableFlowing !== true || socket.readableLength > 0) return socket.push(bytes);
  socket.emit('data', bytes);
  return true;
}

function copyOf(bytes: Uint8Array, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  if (length > FEW_BYTES) copy.set(bytes.subarray(0, length));
  else for (let index = 0; index < length; index += 1) copy[index] = bytes[index] ?? 0;
  return copy;
}
