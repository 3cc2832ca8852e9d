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
  CONFIG_PLUGIN_CHECKSUM: {
    temporary: false,
    meaning: 'The file of a plugin is not the one whose checksum is configured.',
    cause: 'The plugin was built anew or exchanged, or the checksum is that of another build.',
    remedy: 'If the file is the one you want, put the checksum found in its place.',
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
  ROUTER_MESSAGE_FILE_FAILED: {
    temporary: true,
    meaning: 'A temporary file of a large message could not be made, written, read or removed.',
    cause: 'A full disk, a read-only file system, missing permissions or a broken disk below state_dir.',
    remedy:
      'Make room or fix the disk; clients heard a temporary refusal and send again. limits.memory_for_messages decides when files are used.',
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
    temporary: false,
    meaning: 'A plugin did not come up and --strict asked to stop in this case.',
    cause: 'The plugin exits at start, refuses the handshake or is no plugin.',
    remedy: 'Mend the plugin named above, or start without --strict to serve by its on_failure meanwhile.',
  },
  ROUTER_BAD_MESSAGE_FILE: {
    temporary: false,
    meaning: 'The file given with --message cannot be sent.',
    cause: 'It does not exist, cannot be read or is larger than limits.message_size.',
    remedy: 'Pass a readable file in the format of an e-mail (headers, empty line, text).',
  },
  ROUTER_NOTHING_TO_RECORD: {
    temporary: false,
    meaning: 'explain --record was asked to record a decision that the selector did not make.',
    cause: 'The selector failed or was not asked, and its on_failure decided.',
    remedy: 'Repair the selector first; for a plugin of version 1 add --ask.',
  },
  ROUTER_FOLDER_UNUSABLE: {
    temporary: false,
    meaning: 'A folder for a new plugin cannot be used.',
    cause: 'It has something in it, or may not be made.',
    remedy: 'Name a folder that is empty or not there yet.',
  },
  ROUTER_NAME_UNUSABLE: {
    temporary: false,
    meaning: 'A plugin cannot have this name.',
    cause: 'It would be no file, npm package and Go module alike.',
    remedy: 'Pass another one with --name, such as my-selector.',
  },
  ROUTER_PACKAGES_NOT_BUILT: {
    temporary: false,
    meaning: 'A TypeScript plugin needs packages that are there only as sources.',
    cause: 'The command runs in a checkout of smtp-router that was not built.',
    remedy: 'Run npm run build in the checkout.',
  },
  ROUTER_TOOL_FAILED: {
    temporary: false,
    meaning: 'A program the command needs could not be run or failed.',
    cause: 'npm is not installed or not on PATH.',
    remedy: 'Install what the message names, and try the same by hand.',
  },
  ROUTER_PASSWORD_UNUSABLE: {
    temporary: false,
    meaning: 'A password that was to be hashed cannot be used.',
    cause: 'It is empty, has several lines, or was not typed the same twice.',
    remedy: 'Give one line, as it will be used to log in.',
  },
  ROUTER_BAD_REQUEST: {
    temporary: false,
    meaning: 'A request to the control socket or the admin address is not understood.',
    cause: 'A path, method or value that does not exist, a body that is too large, or a foreign Host header.',
    remedy: 'Correct what the message names; on the admin address use localhost or 127.0.0.1 as host.',
  },
  ROUTER_CONTROL_FAILED: {
    temporary: true,
    meaning: 'A running router did not answer a command as expected.',
    cause: 'The router ended meanwhile, or is another release than the command.',
    remedy: 'Try again; when it stays, restart the router with this release.',
  },
  // listener, submission, delivery
  ROUTER_CERTIFICATE_UNUSABLE: {
    temporary: true,
    meaning: 'The certificate of the listeners cannot be served; the one served before stays.',
    cause: 'One of both files was replaced alone, may not be read, or is not in PEM format.',
    remedy: 'Mend what the message names; the files are read again every few seconds.',
  },
  ROUTER_CLIENT_TLS_FAILED: {
    temporary: true,
    meaning: 'The TLS handshake of a client failed or did not end within timeouts.client_tls.',
    cause:
      'The client does not trust the certificate, speaks no TLS 1.2 or later, or no TLS at all on a listener with tls: implicit.',
    remedy: 'Correct the certificate or the client; use port 587 for STARTTLS and 465 for implicit TLS.',
  },
  ROUTER_ACCEPT_FAILED: {
    temporary: true,
    meaning: 'A waiting connection could not be accepted; the listener goes on.',
    cause: 'The operating system has no memory, buffers or descriptors left for another socket.',
    remedy: 'Look at memory and open files of the machine, or lower limits.connections.',
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
  // downstream
  ROUTER_DNS_FAILED: {
    temporary: true,
    meaning: 'The host name of a downstream could not be resolved.',
    cause: 'A misspelt addr, or a name server that does not answer.',
    remedy: 'Check addr of the downstream and the name servers of this machine.',
  },
  ROUTER_CONNECT_FAILED: {
    temporary: true,
    meaning: 'No TCP connection to a downstream could be made.',
    cause: 'The downstream is down, listens on another port, or a firewall refuses.',
    remedy: 'Check addr and port of the downstream; many networks block port 25, use 587 or 465.',
  },
  ROUTER_CONNECT_TIMEOUT: {
    temporary: true,
    meaning: 'A downstream did not answer the connection request within timeouts.connect.',
    cause: 'The machine is down or a firewall drops the packets.',
    remedy: 'Check addr and port of the downstream and the firewalls on the way.',
  },
  ROUTER_TLS_TIMEOUT: {
    temporary: true,
    meaning: 'The TLS handshake with a downstream did not end within timeouts.tls.',
    cause: 'Often tls: implicit on a port that expects STARTTLS: each side waits for the other.',
    remedy: 'Use tls: starttls for ports 25 and 587, tls: implicit for port 465.',
  },
  ROUTER_TLS_FAILED: {
    temporary: true,
    meaning: 'The TLS handshake with a downstream failed.',
    cause: 'tls: implicit on a plain-text port, or no protocol version or cipher in common.',
    remedy: 'Use tls: starttls for ports 25 and 587, tls: implicit for port 465.',
  },
  ROUTER_TLS_CERTIFICATE_EXPIRED: {
    temporary: true,
    meaning: 'The certificate of a downstream is outside of its validity.',
    cause: 'It was not renewed, or the clock of this machine is wrong.',
    remedy: 'Renew the certificate of the downstream, or set the clock.',
  },
  ROUTER_TLS_CERTIFICATE_UNTRUSTED: {
    temporary: true,
    meaning: 'The certificate of a downstream is not signed by a trusted authority.',
    cause:
      'It is self-signed or of a private authority, or the downstream omits an intermediate certificate.',
    remedy:
      'Name the PEM file of the authority (or of the self-signed certificate) as ca_file of the downstream.',
  },
  ROUTER_TLS_NAME_MISMATCH: {
    temporary: true,
    meaning: 'The certificate of a downstream is made out to another name.',
    cause: 'addr is an IP address or an alias, or the connection ended at another server.',
    remedy: 'Use as addr a name that stands in the certificate.',
  },
  ROUTER_TLS_CA_UNREADABLE: {
    temporary: true,
    meaning: 'The ca_file of a downstream cannot be used.',
    cause: 'It does not exist, may not be read, or is not in PEM format.',
    remedy: 'Correct the path, the permissions or the file.',
  },
  ROUTER_CLEARTEXT_AUTH_REFUSED: {
    temporary: true,
    meaning: 'A login was configured for a downstream that would receive it unencrypted, so it was not sent.',
    cause: 'tls is off, and the downstream is neither on this machine nor in a private network.',
    remedy: 'Use tls: auto, starttls or implicit for this downstream.',
  },
  ROUTER_REPLY_TIMEOUT: {
    temporary: true,
    meaning: 'A downstream did not answer a command in time.',
    cause: 'It is overloaded or hangs.',
    remedy: 'Look at the downstream; the phase in the log names the time-out that ended the wait.',
  },
  ROUTER_CONTENT_STALLED: {
    temporary: true,
    meaning: 'A downstream stopped reading in the middle of a message.',
    cause: 'It is overloaded or hangs, or the network does.',
    remedy: 'Look at the downstream; timeouts.data is how long the router waits.',
  },
  ROUTER_CONNECTION_LOST: {
    temporary: true,
    meaning: 'A downstream closed or reset the connection without an answer.',
    cause: 'It was restarted, or something between cut the connection.',
    remedy: 'Look at the log of the downstream for the same time.',
  },
  ROUTER_UNEXPECTED_BYTES: {
    temporary: true,
    meaning: 'A downstream sent something while no command was waiting for an answer.',
    cause: 'It is no SMTP server, or it is out of step.',
    remedy: 'Check that addr of the downstream is an SMTP server.',
  },
  ROUTER_8BITMIME_NOT_OFFERED: {
    temporary: false,
    meaning: 'A message with 8-bit characters was not given to a downstream that takes 7-bit only.',
    cause: 'The downstream does not offer 8BITMIME.',
    remedy: 'Send the message in quoted-printable or base64, or add a downstream that offers 8BITMIME.',
  },
  ROUTER_SMTPUTF8_NOT_OFFERED: {
    temporary: false,
    meaning:
      'A message with internationalised addresses was not given to a downstream that knows ASCII only.',
    cause: 'The downstream does not offer SMTPUTF8.',
    remedy: 'Add a downstream that offers SMTPUTF8.',
  },
  ROUTER_SIZE_EXCEEDED: {
    temporary: false,
    meaning: 'A message is larger than a downstream takes.',
    cause: 'The downstream states a lower limit (SIZE) than the message has bytes.',
    remedy: 'Send a smaller message, or add a downstream with a higher limit.',
  },
  ROUTER_SENDER_NOT_VERIFIED: {
    temporary: false,
    meaning: 'A message was not given to a downstream that may not send from its address.',
    cause: 'The envelope sender or an address of From matches nothing under verified_from of the downstream.',
    remedy:
      'Send from a verified address, add the address to verified_from once the provider knows it, or set rewrite_from.',
  },
  ROUTER_FROM_NOT_REWRITABLE: {
    temporary: false,
    meaning: 'A message was not given to a downstream because its From could not be rewritten.',
    cause:
      'The message has no From field, several of them, several mailboxes in it, or one that is malformed.',
    remedy: 'Send messages with one From field and one address in it, or set rewrite_from: keep.',
  },
  ROUTER_TOO_MANY_RECIPIENTS: {
    temporary: true,
    meaning: 'A message was not given to a downstream because it has too many recipients.',
    cause:
      'It has more recipients than max_recipients of the downstream, and without a spool one transaction must do.',
    remedy: 'Send to fewer recipients at a time, or raise max_recipients when the provider allows it.',
  },
  ROUTER_BUDGET_ENDED: {
    temporary: true,
    meaning: 'The time for relaying a message ended before a downstream had taken it.',
    cause: 'Downstreams answered slowly, all connections were busy, or the router was stopping.',
    remedy:
      'Look at the durations of the attempts; raise max_connections or relay.budget when they are busy.',
  },
  ROUTER_DOWNSTREAM_DOWN: {
    temporary: true,
    meaning: 'A downstream went down while a message waited for a connection to it.',
    cause: 'Attempts before this one failed until the downstream counted as down; the log tells why.',
    remedy: 'None for the message: the next downstream was asked at once.',
  },
  ROUTER_DOWNSTREAM_CLOSED: {
    temporary: true,
    meaning: 'A downstream takes no messages any more because the router is stopping.',
    cause: 'The router is stopping, or the downstream was removed from the configuration.',
    remedy: 'None; the sender tries again.',
  },
  // relay
  ROUTER_ALL_OR_NOTHING: {
    temporary: true,
    meaning: 'A recipient did not get a message because another recipient of it was refused.',
    cause: 'Without a spool a message goes to all of its recipients or to none.',
    remedy: 'Correct the refused recipient, or send to each recipient apart.',
  },
  ROUTER_SPLIT_NEEDS_SPOOL: {
    temporary: true,
    meaning: 'A selector split a message over several routes, which cannot be done without a spool.',
    cause: 'The selector answered with more than one route.',
    remedy: 'Let the selector answer one route for all recipients.',
  },
  ROUTER_SELECTOR_VERDICT: {
    temporary: true,
    meaning: 'A selector answered that a message is not to be routed.',
    cause: 'Its own rules, or on_failure: tempfail while the plugin was failing.',
    remedy: 'See the reason in the log line of the selection.',
  },
  ROUTER_SELECTION_FAILED: {
    temporary: true,
    meaning: 'No selection could be made for a message.',
    cause: 'The selection failed or named downstreams that the user does not have.',
    remedy: 'See the fault code in the log line of the selection.',
  },
  // spool
  ROUTER_SPOOL_FULL: {
    temporary: true,
    meaning: 'A message could not be spooled because its disk is full.',
    cause: 'Less than spool.min_free is left on the disk of the spool, or a quota is used up.',
    remedy: 'Make room, or let the spooled mail go out; clients heard a temporary refusal and send again.',
  },
  ROUTER_SPOOL_FAILED: {
    temporary: true,
    meaning: 'The spool could not be read or written.',
    cause:
      'A broken or read-only disk, missing permissions, no free file descriptors, or a database that is down.',
    remedy:
      'Mend what the message names; mail that needs no spool goes on, and the spool is used again by itself.',
  },
  ROUTER_NO_SPOOL: {
    temporary: false,
    meaning: 'A command about spooled mail found no spool.',
    cause: 'The configuration says spool: off, or nothing, which means the same.',
    remedy: 'Configure a spool, or pass the configuration that has one with -c.',
  },
  ROUTER_SPOOL_CLOSED: {
    temporary: true,
    meaning: 'A message could not be spooled because the spool is closed.',
    cause: 'The router is stopping.',
    remedy: 'None; the sender tries again.',
  },
  ROUTER_SPOOL_UNUSABLE: {
    temporary: false,
    meaning: 'The spool cannot be used, so the router does not start.',
    cause:
      'Its directory cannot be written, it was written by a later release, or its database would lose commits (fsync=off).',
    remedy: 'Correct what the message names, or name another spool.',
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
