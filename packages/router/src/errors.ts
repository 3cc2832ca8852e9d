/**
 * The error catalogue of the router: every code with its meaning, likely cause and remedy. Codes are
 * never reused. `docs/errors.md` is written from it.
 */

/** What an operator learns about a code. */
export interface ErrorEntry {
  /** True when the same thing may work later without a change. */
  readonly temporary: boolean;
  /** What happened. */
  readonly meaning: string;
  /** Why it usually happens. */
  readonly cause: string;
  /** What to do. */
  readonly remedy: string;
}

export const ROUTER_ERRORS = {
  // config
  CONFIG_UNREADABLE: {
    temporary: false,
    meaning: 'A configuration file cannot be read.',
    cause: 'The path is wrong, or the user the router runs as may not read it.',
    remedy: 'Pass the right path with -c, or fix the permissions of the file.',
  },
  CONFIG_SYNTAX: {
    temporary: false,
    meaning: 'A configuration file is no valid YAML.',
    cause: 'A slip of indentation, quoting or brackets, or a file that is no UTF-8 text.',
    remedy: 'Correct the line and column named in the message.',
  },
  CONFIG_DUPLICATE: {
    temporary: false,
    meaning: 'Something that must be unique stands twice in the configuration.',
    cause: 'A key, user or downstream was copied.',
    remedy: 'Keep one of both.',
  },
  CONFIG_UNKNOWN_KEY: {
    temporary: false,
    meaning: 'The configuration has a key that the router does not know.',
    cause: 'A misspelt key, or one that stands at the wrong depth.',
    remedy: 'Use the key the message names; docs/config.md lists all.',
  },
  CONFIG_WRONG_TYPE: {
    temporary: false,
    meaning: 'A value of the configuration has the wrong type.',
    cause: 'Often a number or yes/no where text is meant, or a list where a mapping is meant.',
    remedy: 'Write the type the message asks for; put text that looks like a number in quotes.',
  },
  CONFIG_MISSING_KEY: {
    temporary: false,
    meaning: 'The configuration lacks a key that is needed.',
    cause: 'It was forgotten or stands at the wrong depth.',
    remedy: 'Add the key the message names.',
  },
  CONFIG_BAD_VALUE: {
    temporary: false,
    meaning: 'A value of the configuration is outside of what is possible.',
    cause: 'A unit is missing or unknown, an address has no port, a number is out of range.',
    remedy: 'Write a value of the form the message shows.',
  },
  CONFIG_UNKNOWN_NAME: {
    temporary: false,
    meaning: 'The configuration refers to a user, selector or downstream that it does not define.',
    cause: 'A misspelt name, or a definition that was removed.',
    remedy: 'Use a defined name or add the definition.',
  },
  CONFIG_NOT_SUPPORTED: {
    temporary: false,
    meaning: 'The configuration asks for something this release does not do yet.',
    cause: 'The key belongs to a later release.',
    remedy: 'Remove the key, or use the value the message names.',
  },
  CONFIG_SECRET_MISSING: {
    temporary: false,
    meaning: 'A password cannot be read from the file or environment variable it should come from.',
    cause: 'The variable is not set for the router, or the file is missing, empty or not readable.',
    remedy: 'Set the variable or create the file, readable by the user the router runs as.',
  },
  CONFIG_PLUGIN_MISSING: {
    temporary: false,
    meaning: 'The file of a plugin does not exist.',
    cause: 'The plugin was not built, or the path is relative to another directory than meant.',
    remedy: 'Build the plugin, or correct the path; it is relative to the configuration file.',
  },
  CONFIG_PLUGIN_NOT_EXECUTABLE: {
    temporary: false,
    meaning: 'The file of a plugin cannot be run.',
    cause: 'It is a directory, or lacks the permission to execute.',
    remedy: 'Run chmod +x on the file, or name the right one.',
  },
  // control, cli, router
  ROUTER_NOT_RUNNING: {
    temporary: true,
    meaning: 'A command needs a running router and found none.',
    cause: 'The router was not started, or runs with another configuration file or state_dir.',
    remedy: 'Start it with smtp-router serve -c FILE, or pass the same -c to the command.',
  },
  ROUTER_ALREADY_RUNNING: {
    temporary: true,
    meaning: 'Another router holds the lock of this state_dir.',
    cause: 'The router was started twice with the same configuration.',
    remedy: 'Stop the other router, or give this one a state_dir of its own.',
  },
  ROUTER_STATE_DIR_UNUSABLE: {
    temporary: false,
    meaning: 'The directory named by state_dir cannot be created or written.',
    cause: 'Missing permissions, a read-only file system, a full disk, or a file of that name.',
    remedy: 'Make it writable for the user the router runs as, or name another state_dir.',
  },
  ROUTER_ADDRESS_IN_USE: {
    temporary: true,
    meaning: 'An address the router should listen on is taken by another program.',
    cause: 'A router or mail server is already listening there.',
    remedy: 'Stop the other program, or choose another address in the configuration or with --listen.',
  },
  ROUTER_ADDRESS_UNUSABLE: {
    temporary: false,
    meaning: 'The router cannot listen on an address.',
    cause: 'The address is not one of this machine, or its port is below 1024 and needs a privilege.',
    remedy: 'Choose an address of this machine and a port above 1023, or grant CAP_NET_BIND_SERVICE.',
  },
  ROUTER_PLUGIN_NOT_READY: {
    temporary: true,
    meaning: 'A plugin did not come up and --strict asked to stop in this case.',
    cause: 'The plugin exits at start, refuses the handshake or is no plugin.',
    remedy: 'Run the plugin by hand to see its complaint, or start without --strict to serve by on_failure.',
  },
  ROUTER_BAD_MESSAGE_FILE: {
    temporary: false,
    meaning: 'The file given with --message cannot be sent.',
    cause: 'It does not exist, cannot be read or is larger than limits.message_size.',
    remedy: 'Pass a readable file in the format of an e-mail (headers, empty line, text).',
  },
  ROUTER_CONTROL_FAILED: {
    temporary: true,
    meaning: 'A running router did not answer a command as expected.',
    cause: 'The router ended meanwhile, or is another release than the command.',
    remedy: 'Try again; when it stays, restart the router with this release.',
  },
  // listener, submission, delivery
  ROUTER_ACCEPT_FAILED: {
    temporary: true,
    meaning: 'A waiting connection could not be accepted; the listener goes on.',
    cause: 'Most often the process has no file descriptor left (EMFILE).',
    remedy: 'Raise the limit of open files (LimitNOFILE, ulimit -n), or lower limits.connections.',
  },
  ROUTER_MAIL_LOOP: {
    temporary: false,
    meaning: 'A message had passed through more than 100 relays and was refused.',
    cause: 'Two systems hand it to each other, for example a downstream that relays back to this router.',
    remedy: 'Read the Received fields of the message and break the circle.',
  },
  ROUTER_INTERNAL: {
    temporary: true,
    meaning: 'Something failed that should not be able to fail; the sender was asked to try again.',
    cause: 'A defect of the router; the log line tells where.',
    remedy: 'Please report it together with the log line.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type RouterErrorCode = keyof typeof ROUTER_ERRORS;

/** A failure with a code of the catalogue. The message is one sentence that names the concrete thing. */
export class RouterError extends Error {
  override readonly name = 'RouterError';
  readonly code: RouterErrorCode;
  readonly temporary: boolean;

  constructor(code: RouterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.temporary = ROUTER_ERRORS[code].temporary;
  }
}
