/**
 * Every error this package can report, in one catalogue. Codes are stable and never reused; the texts
 * here are the general explanation, the `message` of an error names the concrete plugin, file or value.
 */

/** What an operator needs to know about one code. */
export interface ErrorEntry {
  /** True when trying again later, without changing anything, may succeed. */
  readonly temporary: boolean;
  readonly meaning: string;
  readonly cause: string;
  readonly remedy: string;
}

/** The catalogue, by code. */
export const GO_PLUGIN_ERRORS = {
  // Calls (transport).
  PLUGIN_CALL_TIMEOUT: {
    temporary: true,
    meaning: 'The plugin did not answer a call within its deadline.',
    cause: 'The plugin is overloaded, blocked, or waits for something of its own.',
    remedy: 'See the plugin’s log; raise the call timeout only if the plugin is known to need longer.',
  },
  PLUGIN_CALL_FAILED: {
    temporary: true,
    meaning: 'The plugin answered a call with an error of its own.',
    cause: 'The plugin’s method returned an error, or does not exist in this plugin.',
    remedy: 'Read the text of the error: it comes from the plugin.',
  },

  // Launch: before the process runs (host).
  PLUGIN_COMMAND_INVALID: {
    temporary: false,
    meaning: 'The command or environment of a plugin cannot be given to the operating system.',
    cause: 'An empty command, or a NUL character in the command, an argument or a variable.',
    remedy: 'Correct the command, its arguments and its environment in the configuration.',
  },
  PLUGIN_FILE_NOT_FOUND: {
    temporary: false,
    meaning: 'The plugin’s executable, its interpreter or its working directory does not exist.',
    cause: 'A wrong path, a plugin that was not built, or a script whose first line names a missing program.',
    remedy: 'Correct the path in the configuration or build the plugin.',
  },
  PLUGIN_FILE_NOT_EXECUTABLE: {
    temporary: false,
    meaning: 'The plugin’s file may not be executed by this user.',
    cause:
      'The execute permission is missing, a directory on the way is closed, or the volume is mounted noexec.',
    remedy: 'Run chmod +x on the file, or move it to a place this user may execute from.',
  },
  PLUGIN_FILE_FORMAT: {
    temporary: false,
    meaning: 'The operating system does not know how to run the plugin’s file.',
    cause: 'It was built for another system or processor, or it is a script without a #! line.',
    remedy: 'Build the plugin for this machine, or name its interpreter in the command.',
  },
  PLUGIN_FILE_BUSY: {
    temporary: true,
    meaning: 'The plugin’s file is still open for writing.',
    cause: 'A build or a copy of the plugin has not finished.',
    remedy: 'Let the build finish; replace plugins by renaming a finished file into place.',
  },
  PLUGIN_SPAWN_FAILED: {
    temporary: true,
    meaning: 'The operating system could not start the plugin’s process.',
    cause: 'A limit of processes, open files or memory was reached.',
    remedy: 'Raise the limit named in the message, or free resources.',
  },
  PLUGIN_SOCKET_DIRECTORY_FAILED: {
    temporary: true,
    meaning: 'The private directory for the plugin’s socket could not be made.',
    cause: 'The temporary directory is missing, full or read-only.',
    remedy: 'Make the directory named in the message writable, or set TMPDIR to one that is.',
  },
  PLUGIN_SOCKET_PATH_TOO_LONG: {
    temporary: false,
    meaning: 'A Unix socket in this directory would have a path longer than the system allows.',
    cause: 'The temporary directory has a long name; Linux allows 107 bytes for the whole path.',
    remedy: 'Choose a shorter directory, for instance by TMPDIR=/tmp.',
  },

  // Launch: until the connection stands (host).
  PLUGIN_START_TIMEOUT: {
    temporary: true,
    meaning: 'The plugin did not complete its handshake in time.',
    cause: 'The program is not a go-plugin plugin, or it is blocked before it starts serving.',
    remedy: 'Run the program by hand: a plugin says at once that it is not meant to be run directly.',
  },
  PLUGIN_START_ABORTED: {
    temporary: true,
    meaning: 'The start of the plugin was given up on request.',
    cause: 'The program was being shut down or reconfigured while the plugin started.',
    remedy: 'Nothing to do.',
  },
  PLUGIN_EXITED_EARLY: {
    temporary: true,
    meaning: 'The plugin’s process ended before its handshake was complete.',
    cause: 'The plugin refused its magic cookie or its configuration, or crashed while starting.',
    remedy: 'Read the last lines of its stderr in the message.',
  },
  PLUGIN_HANDSHAKE_UNRECOGNIZED: {
    temporary: false,
    meaning: 'The first line of the plugin’s stdout is not a go-plugin handshake.',
    cause: 'The program is not a plugin, or it prints something before the handshake.',
    remedy: 'Check the path; a plugin must print nothing on stdout before it serves.',
  },
  PLUGIN_HANDSHAKE_TOO_LONG: {
    temporary: false,
    meaning: 'The first line of the plugin’s stdout is longer than 64 KiB.',
    cause: 'The program is not a go-plugin plugin.',
    remedy: 'Check the path of the plugin.',
  },
  PLUGIN_HANDSHAKE_CORE_VERSION: {
    temporary: false,
    meaning: 'The plugin speaks another core protocol version than 1.',
    cause: 'The plugin was built with an unknown generation of go-plugin.',
    remedy: 'Build the plugin with a release 1.x of go-plugin.',
  },
  PLUGIN_HANDSHAKE_APP_VERSION: {
    temporary: false,
    meaning: 'The version field of the handshake is not a number.',
    cause: 'The plugin prints its handshake by hand and wrongly.',
    remedy: 'Correct the second field of the line the plugin prints.',
  },
  PLUGIN_HANDSHAKE_NETWORK: {
    temporary: false,
    meaning: 'The handshake names a network other than unix or tcp.',
    cause: 'The plugin prints its handshake by hand and wrongly.',
    remedy: 'Correct the third field of the line the plugin prints.',
  },
  PLUGIN_HANDSHAKE_ADDRESS: {
    temporary: false,
    meaning: 'The handshake names an address that cannot be connected to.',
    cause: 'An empty or relative socket path, a path over the limit, or a TCP address that is not host:port.',
    remedy: 'Correct the fourth field of the line the plugin prints.',
  },
  PLUGIN_HANDSHAKE_PROTOCOL: {
    temporary: false,
    meaning: 'The handshake names a protocol other than netrpc or grpc.',
    cause: 'The plugin prints its handshake by hand and wrongly.',
    remedy: 'Correct the fifth field of the line the plugin prints.',
  },
  PLUGIN_HANDSHAKE_CERTIFICATE: {
    temporary: false,
    meaning: 'The certificate in the handshake is not base64 of a DER certificate.',
    cause: 'The plugin prints its handshake by hand and wrongly.',
    remedy: 'Correct the sixth field of the line the plugin prints, or leave it empty.',
  },
  PLUGIN_HANDSHAKE_MULTIPLEX: {
    temporary: false,
    meaning: 'The last field of the handshake is not true or false, or there are more than seven fields.',
    cause: 'The plugin prints its handshake by hand and wrongly.',
    remedy: 'Leave the seventh field out unless PLUGIN_MULTIPLEX_GRPC is set.',
  },
  PLUGIN_VERSION_UNSUPPORTED: {
    temporary: false,
    meaning: 'Host and plugin share no version of the application protocol.',
    cause: 'The plugin was written for another generation of the host.',
    remedy: 'Rebuild the plugin for one of the versions named in the message.',
  },
  PLUGIN_PROTOCOL_UNSUPPORTED: {
    temporary: false,
    meaning: 'The plugin serves a protocol that does not carry this version of its contract.',
    cause:
      'The plugin was built with a gRPC server for a version that is spoken over net/rpc only, or the reverse.',
    remedy: 'Serve this version of the contract over the protocol its documentation names.',
  },
  PLUGIN_MULTIPLEX_UNSUPPORTED: {
    temporary: false,
    meaning: 'The plugin cannot carry all its gRPC connections on one socket, which the host asked for.',
    cause: 'It was built with a go-plugin before 1.6.0, or with another library.',
    remedy: 'Rebuild the plugin with a newer go-plugin, or do not ask for multiplexing.',
  },
  PLUGIN_TLS_UNSUPPORTED: {
    temporary: false,
    meaning: 'The plugin demands TLS, which this host did not offer.',
    cause: 'The plugin sent a certificate although AutoMTLS is off.',
    remedy: 'Do not switch AutoMTLS off for this plugin.',
  },
  PLUGIN_TLS_REQUIRED: {
    temporary: false,
    meaning: 'AutoMTLS is required, and the plugin does not take it up.',
    cause: 'Its library is older than go-plugin 1.0 or knows no AutoMTLS, or it brings a TLS of its own.',
    remedy: 'Build the plugin with a current library, or only prefer AutoMTLS for it.',
  },
  PLUGIN_TLS_FAILED: {
    temporary: true,
    meaning: 'Host and plugin could not prove to each other who they are.',
    cause:
      'The plugin ended during the TLS handshake, does not speak TLS 1.2 or later, or somebody else answers at its address.',
    remedy: 'See the cause in the message and the plugin’s log.',
  },
  PLUGIN_TCP_REFUSED: {
    temporary: false,
    meaning: 'The plugin listens on TCP where others could reach it: without TLS, or not on loopback.',
    cause: 'The plugin runs on Windows or was forced to TCP, and its library knows no AutoMTLS or it is off.',
    remedy: 'Let the plugin take up AutoMTLS, or listen on a Unix socket.',
  },
  PLUGIN_SOCKET_UNTRUSTED: {
    temporary: false,
    meaning: 'The address the plugin named is not a socket owned by this user.',
    cause: 'The socket was replaced, or another user’s process answers for the plugin.',
    remedy: 'Find out who made the file named in the message before starting the plugin again.',
  },
  PLUGIN_SOCKET_LOST: {
    temporary: true,
    meaning: 'The socket file of a running plugin is gone, so nobody can connect to it any more.',
    cause: 'Something that cleans up temporary files removed it.',
    remedy:
      'The plugin is started again; keep cleaners away from the directory, or choose another by TMPDIR.',
  },
  PLUGIN_CONNECT_FAILED: {
    temporary: true,
    meaning: 'The address of the handshake did not accept a connection.',
    cause: 'The plugin ended right after its handshake, or its socket file was removed.',
    remedy: 'See the plugin’s log.',
  },

  // Serving (plugin).
  PLUGIN_COOKIE_UNSET: {
    temporary: false,
    meaning: 'The plugin’s own configuration has no magic cookie.',
    cause: 'An empty key or value in the handshake given to servePlugin.',
    remedy: 'Use the cookie the host’s documentation names.',
  },
  PLUGIN_COOKIE_MISMATCH: {
    temporary: false,
    meaning: 'The plugin was not started by a host that knows its magic cookie.',
    cause: 'It was run by hand, or by a host of another kind.',
    remedy: 'Name the plugin in the host’s configuration instead of running it.',
  },
  PLUGIN_VERSIONS_EMPTY: {
    temporary: false,
    meaning: 'The plugin serves no version at all.',
    cause: 'An empty `versions` record given to servePlugin.',
    remedy: 'Give at least one version with at least one plugin.',
  },
  PLUGIN_CLIENT_CERTIFICATE: {
    temporary: false,
    meaning: 'The certificate of the host, in PLUGIN_CLIENT_CERT, cannot be read.',
    cause: 'The variable was set by hand, or cut off.',
    remedy: 'Let the host set the variable.',
  },
  PLUGIN_LISTEN_FAILED: {
    temporary: true,
    meaning: 'The plugin could not listen for its host.',
    cause: 'The socket directory is missing or its path too long, or no port of the range is free.',
    remedy: 'Start the plugin with a short, writable TMPDIR, or widen the range of ports.',
  },

  // Supervision (supervisor).
  PLUGIN_NOT_READY: {
    temporary: true,
    meaning: 'No process of the plugin is up, so the call was not made.',
    cause: 'The plugin is starting, crashed, or failed to start.',
    remedy: 'See the failure kept with the plugin’s status.',
  },
  PLUGIN_BUSY: {
    temporary: true,
    meaning: 'The greatest number of calls is already under way.',
    cause: 'The plugin answers more slowly than calls arrive.',
    remedy: 'Raise the limit of calls in flight, or make the plugin faster.',
  },
  PLUGIN_UNRESPONSIVE: {
    temporary: true,
    meaning: 'The plugin’s process lives but no longer answers; it is replaced.',
    cause: 'Five deadlines missed in a row, or no answer to a ping for five seconds.',
    remedy: 'See what the plugin was doing: its last log lines are kept with the failure.',
  },
  PLUGIN_EXITED: {
    temporary: true,
    meaning: 'The plugin’s process ended while it was in use; it is started again.',
    cause: 'The plugin crashed or was killed.',
    remedy: 'Read the panic or the last lines of its stderr in the message.',
  },
  PLUGIN_CONNECTION_LOST: {
    temporary: true,
    meaning: 'The connection to the plugin ended while its process lives; the process is replaced.',
    cause: 'The plugin closed its connection or broke the protocol.',
    remedy: 'See the cause in the message.',
  },
  PLUGIN_OPEN_FAILED: {
    temporary: true,
    meaning: 'The plugin connected but could not be put to use.',
    cause: 'It does not serve the expected plugin name, or refused its configuration.',
    remedy: 'See the cause in the message.',
  },
  PLUGIN_PROBE_FAILED: {
    temporary: true,
    meaning: 'A new version of the plugin came up but failed its trial, so it was not put to use.',
    cause: 'It answered a sample question with an error or with nonsense, too late, or it crashed over it.',
    remedy: 'Correct the new version; the one before serves on.',
  },
  PLUGIN_NOT_COPIED: {
    temporary: true,
    meaning: 'The plugin runs from its own file instead of a private copy.',
    cause:
      'The state directory is on a volume mounted noexec, is full, or the plugin’s file may not be read.',
    remedy:
      'Put the state directory where programs may run; until then replace the plugin by renaming a finished file into place.',
  },
  PLUGIN_REATTACH_INVALID: {
    temporary: false,
    meaning: 'A running plugin cannot be connected to by what was told of it.',
    cause: 'The JSON is incomplete or of another form than go-plugin’s ReattachConfig.',
    remedy: 'Copy what the plugin printed when it was started, as a whole.',
  },
  PLUGIN_CHECKSUM_MISMATCH: {
    temporary: false,
    meaning: 'The plugin’s file is not the one whose checksum is configured, so it was not started.',
    cause: 'The plugin was built anew or exchanged, or the checksum is that of another build.',
    remedy: 'If the file is the one you want, put the checksum found into the configuration and reload it.',
  },
  PLUGIN_CLOSED: {
    temporary: false,
    meaning: 'The plugin was closed by its owner.',
    cause: 'The program is shutting down.',
    remedy: 'Nothing to do.',
  },
  PLUGIN_REGISTRY_FAILED: {
    temporary: true,
    meaning: 'The list of running plugin processes could not be read or written.',
    cause: 'The state directory is missing, full or read-only, or the file was damaged.',
    remedy: 'Make the file named in the message writable; a damaged one may be deleted.',
  },
  // Calls and connections (transport).
  PLUGIN_CALL_CANCELLED: {
    temporary: true,
    meaning: 'The caller gave a call up before the plugin answered.',
    cause: 'What the answer was wanted for is no longer needed.',
    remedy: 'Nothing to do.',
  },
  PLUGIN_BROKER_FAILED: {
    temporary: true,
    meaning: 'A stream agreed upon with the plugin was not opened or not acknowledged.',
    cause: 'The plugin is blocked, or it does not follow go-plugin’s exchange of broker ids.',
    remedy: 'See the plugin’s log; a plugin built on a go-plugin library does this by itself.',
  },

  // Multiplexing of the connection (yamux).
  YAMUX_BAD_FRAME: {
    temporary: true,
    meaning: 'The peer sent a frame that is not yamux: unknown version or type, or a stream that cannot be.',
    cause: 'The peer speaks another protocol, or bytes were lost.',
    remedy: 'Check that the plugin serves net/rpc by a go-plugin library.',
  },
  YAMUX_WINDOW_OVERRUN: {
    temporary: true,
    meaning: 'The peer sent more on a stream than its window allows, or granted an impossible window.',
    cause: 'A faulty yamux implementation in the peer.',
    remedy: 'Update the library the plugin is built with.',
  },
  YAMUX_ILLEGAL_TRANSITION: {
    temporary: true,
    meaning: 'A stream was opened twice, ended twice, or carried data after its end.',
    cause: 'A faulty yamux implementation in the peer.',
    remedy: 'Update the library the plugin is built with.',
  },
  YAMUX_GO_AWAY: {
    temporary: true,
    meaning: 'The peer ended the session because of an error it saw.',
    cause: 'The peer found our side at fault, or failed inside.',
    remedy: 'See the plugin’s log for its reason.',
  },
  YAMUX_KEEPALIVE_TIMEOUT: {
    temporary: true,
    meaning: 'The peer did not answer a ping of the connection in time.',
    cause: 'The peer’s process is stopped, or too busy to read its connection.',
    remedy: 'Look for long computations without pause in the plugin.',
  },
  YAMUX_OPEN_TIMEOUT: {
    temporary: true,
    meaning: 'The peer did not acknowledge a new stream in time.',
    cause: 'The peer does not accept streams any more.',
    remedy: 'See the plugin’s log.',
  },
  YAMUX_OPEN_REFUSED: {
    temporary: true,
    meaning: 'No new stream can be opened on this connection.',
    cause: 'The peer said it is going away, or all stream numbers were used.',
    remedy: 'Open a new connection.',
  },
  YAMUX_CONTROL_FLOOD: {
    temporary: true,
    meaning:
      'The peer demands answers (pings, refusals) faster than it reads them, or sends more than 10 000 frames without data within a second.',
    cause: 'A peer that floods the connection or does not read.',
    remedy: 'Replace the plugin.',
  },
  YAMUX_STREAM_RESET: {
    temporary: true,
    meaning: 'A stream was ended abruptly.',
    cause: 'The peer reset it, or did not end its half in time after ours.',
    remedy: 'See the plugin’s log.',
  },
  YAMUX_STREAM_CLOSED: {
    temporary: false,
    meaning: 'Data was to be sent on a stream whose sending half is over.',
    cause: 'A call was made after its channel was closed.',
    remedy: 'Open a new channel.',
  },
  YAMUX_SEND_QUEUE_FULL: {
    temporary: true,
    meaning: 'Too much data waits for the peer to read.',
    cause: 'The peer reads more slowly than calls are made.',
    remedy: 'Lower the number of calls in flight, or make the plugin faster.',
  },
  YAMUX_SESSION_ENDED: {
    temporary: true,
    meaning: 'The session is over.',
    cause: 'The connection was closed by one of the two sides.',
    remedy: 'Open a new connection.',
  },

  // Encoding of values (gob).
  GOB_MALFORMED: {
    temporary: false,
    meaning: 'Bytes received are not a gob stream.',
    cause: 'A faulty encoder in the peer, or another protocol.',
    remedy: 'Check that the plugin serves net/rpc by a go-plugin library.',
  },
  GOB_MESSAGE_TOO_LONG: {
    temporary: false,
    meaning: 'The peer announced a value larger than this side accepts.',
    cause: 'An answer out of all proportion.',
    remedy: 'Make the answer smaller, or raise the limit of message bytes.',
  },
  GOB_LIMIT: {
    temporary: false,
    meaning: 'A value is nested too deeply, has too many parts, or its stream defines too many types.',
    cause: 'A hostile or faulty encoder, or a value that contains itself.',
    remedy: 'Make the value simpler, or raise the limit named in the message.',
  },
  GOB_UNKNOWN_TYPE: {
    temporary: false,
    meaning: 'A value refers to a type its stream did not define, or a type is defined twice.',
    cause: 'A faulty encoder in the peer.',
    remedy: 'Update the library the plugin is built with.',
  },
  GOB_BAD_SCHEMA: {
    temporary: false,
    meaning: 'A type to encode by is not one gob can describe.',
    cause: 'An invalid array length, a field name that is empty or twice the same, or a recursive array.',
    remedy: 'Correct the type in the program.',
  },
  GOB_UNENCODABLE: {
    temporary: false,
    meaning: 'A value does not fit the type it is to be encoded by.',
    cause: 'A wrong kind of value, a number out of range, or an interface name that is not registered.',
    remedy: 'Correct the value at the place named in the message.',
  },

  // Messages (grpc).
  GRPC_MALFORMED: {
    temporary: true,
    meaning: 'The peer sent something that is not gRPC as it was agreed upon.',
    cause: 'A compressed message, a broken protobuf message, or not exactly one reply to a call.',
    remedy: 'Check that the plugin serves gRPC by a gRPC library, without compression.',
  },
  GRPC_MESSAGE_TOO_LONG: {
    temporary: false,
    meaning: 'The peer announced a message larger than this side accepts.',
    cause: 'An answer out of all proportion.',
    remedy: 'Make the answer smaller, or raise the limit of message bytes.',
  },

  // Calls on a stream (net/rpc).
  RPC_BAD_HEADER: {
    temporary: true,
    meaning: 'What came in place of a request or response header is something else.',
    cause: 'The peer does not speak net/rpc on this stream.',
    remedy: 'Check that the plugin serves net/rpc by a go-plugin library.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type PluginErrorCode = keyof typeof GO_PLUGIN_ERRORS;

/** The one error class of this package; `message` is one sentence naming the concrete thing. */
export class PluginError extends Error {
  override readonly name: string = 'PluginError';
  readonly code: PluginErrorCode;
  /** Copied from the catalogue. */
  readonly temporary: boolean;

  constructor(code: PluginErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.temporary = GO_PLUGIN_ERRORS[code].temporary;
  }
}
