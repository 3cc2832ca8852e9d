/**
 * The configuration file as users write it. The validator, the defaults, `docs/config.md` and the JSON
 * Schema for editors all come from here: every key has a description, every default stands beside it.
 * Keys of the published design that this release does not carry out are known and refused by name.
 */
import { z } from 'zod';
import {
  addressPattern,
  count,
  duration,
  hostPort,
  isMailAddress,
  later,
  line,
  name,
  network,
  oneOf,
  passwordHash,
  rewriting,
  size,
} from './schema-word.ts';

const MEBIBYTE = 1024 * 1024;

/** Default of `state_dir`. */
export const DEFAULT_STATE_DIR = './state';

const listenSchema = z.strictObject({
  address: hostPort(0).describe(
    'Address and port to listen on, e.g. 127.0.0.1:2525, [::1]:2525 or 0.0.0.0:587; port 0 takes any free one.',
  ),
  tls: oneOf(['off', 'starttls', 'implicit'])
    .optional()
    .describe(
      'off, starttls (clients ask for it, as on port 587) or implicit (TLS from the first byte, as on port 465). Default: starttls when tls.cert is set, otherwise off.',
    ),
  auth: oneOf(['required', 'optional', 'off'])
    .prefault('required')
    .describe('Whether clients must log in before they send mail.'),
  user: line(320)
    .optional()
    .describe(
      'Identity of mail that comes without AUTH: an email under users. Needed unless auth is required.',
    ),
  networks: z
    .array(network())
    .prefault(['127.0.0.0/8', '::1/128'])
    .describe('Who may send without AUTH, as networks or addresses.'),
  allow_plaintext_auth: z
    .boolean()
    .optional()
    .describe('Offer AUTH on connections without TLS. Default: only when listening on loopback.'),
  proxy_protocol_from: z
    .array(network())
    .prefault([])
    .describe(
      'Trusted balancers, as networks or addresses: their connections must begin with a header of the PROXY protocol, version 1 or 2, and count as those of the client it names.',
    ),
});

const limitsSchema = z.strictObject({
  message_size: size(1024, 1024 * MEBIBYTE)
    .prefault('50MiB')
    .describe('Largest message accepted; offered as SIZE.'),
  recipients: count(1, 100_000).prefault(1000).describe('Most recipients of one message.'),
  connections: count(1, 1_000_000)
    .prefault(10_000)
    .describe('Most client connections at a time, over all listeners.'),
  memory_for_messages: size(MEBIBYTE, 1024 * 1024 * MEBIBYTE)
    .prefault('256MiB')
    .describe(
      'Memory for all messages under way. From half of it on messages over 256 KiB go to temporary files below state_dir, from three quarters on all; when all is used, clients wait.',
    ),
  connections_per_address: count(1, 1_000_000)
    .prefault(100)
    .describe(
      'Most connections of one client address (IPv6: of its /64 network) that have not logged in, over all listeners. Loopback and trusted balancers are not counted.',
    ),
});

const timeoutsSchema = z.strictObject({
  client_command: duration().prefault('5m').describe('Longest silence of a client between commands.'),
  client_data: duration().prefault('3m').describe('Longest silence of a client while it sends a message.'),
  client_tls: duration()
    .prefault('30s')
    .describe('TLS handshake of a client; also how long a balancer may take for its PROXY header.'),
  transaction: duration()
    .prefault('30m')
    .describe('Longest mail transaction of a client, from MAIL to the final dot.'),
  connect: duration().prefault('4s').describe('TCP connection to a downstream.'),
  tls: duration().prefault('5s').describe('TLS handshake with a downstream.'),
  greeting: duration().prefault('10s').describe('First reply of a downstream.'),
  ehlo: duration().prefault('10s').describe('Reply to EHLO and to STARTTLS.'),
  auth: duration().prefault('10s').describe('Each reply during AUTH.'),
  mail: duration().prefault('10s').describe('Reply to MAIL.'),
  rcpt: duration().prefault('10s').describe('Reply to each RCPT.'),
  data: duration().prefault('20s').describe('Reply to DATA.'),
  dot: duration()
    .prefault('10m')
    .describe('Reply to the end of the message (RFC 5321 §4.5.3.2.6 asks for 10 minutes).'),
});

const downstreamSchema = z.strictObject({
  addr: hostPort(1).describe(
    'Host and port of the SMTP server, e.g. email-smtp.eu-west-1.amazonaws.com:587.',
  ),
  user: line(512).optional().describe('Login at the downstream.'),
  pass: line(1024).optional().describe('Password at the downstream.'),
  pass_env: line(200).optional().describe('Environment variable of the router that holds the password.'),
  pass_file: line(4096)
    .optional()
    .describe(
      'File that holds the password; one line break at its end is ignored. Read again when it changes.',
    ),
  tls: oneOf(['auto', 'starttls', 'implicit', 'off'])
    .prefault('auto')
    .describe(
      'auto: STARTTLS when offered, and required when user is set unless the address is loopback or private. implicit: TLS from the first byte, as on port 465.',
    ),
  tls_verify: z
    .boolean()
    .optional()
    .describe(
      'Check the certificate of the downstream. Default: true, except where auto uses TLS without needing it for a login.',
    ),
  ca_file: line(4096)
    .optional()
    .describe('PEM file with certificate authorities to trust instead of the built-in ones.'),
  weight: count(1, 1_000_000).prefault(1).describe('Share of traffic, for selectors that use it.'),
  labels: z
    .record(line(100), z.string().max(1000))
    .prefault({})
    .describe('Free words for selectors, e.g. { region: eu }.'),
  cost: z.number().min(0).max(1e9).optional().describe('Price of 1000 messages, for selectors.'),
  max_connections: count(1, 10_000).prefault(10).describe('Most connections to this downstream at a time.'),
  max_messages_per_connection: count(1, 1_000_000)
    .prefault(100)
    .describe('Messages sent on one connection before it is replaced.'),
  max_recipients: count(1, 100_000)
    .optional()
    .describe(
      'Most recipients of one transaction. A message with more is sent to it in several transactions. While nothing is kept here one transaction must do: the downstream is passed over instead, and where every downstream of a user takes fewer, the client is asked at RCPT to send the rest in another transaction (452). Default: as many as it accepts.',
    ),
  verified_from: z
    .array(addressPattern())
    .min(1, { error: () => 'must name at least one address; leave it out to allow any' })
    .optional()
    .describe(
      'Sender addresses the provider accepts, e.g. ["*@example.com"]. The envelope sender and every mailbox of the header From are compared as they would go out; a message with another address goes to the next downstream without this one being asked. Not for mail with the empty envelope sender. Default: any.',
    ),
  rewrite_from: rewriting()
    .prefault('keep')
    .describe(
      'Address to put into the header From: keep, login (the user of this downstream) or an address. Only the bytes of the address change, display name and comments stay; Reply-To with the former address is added where there is none. A message without exactly one readable mailbox in From goes to the next downstream. Not for mail with the empty envelope sender. DKIM signatures over From become invalid.',
    ),
  rewrite_mail_from: rewriting()
    .prefault('keep')
    .describe(
      'Address to put into the envelope as sender: keep, login or an address; bounces then go there. The empty envelope sender is never replaced.',
    ),
});

const userSchema = z.strictObject({
  email: line(320)
    .refine((text) => !/\s/.test(text), { error: () => 'must not hold spaces' })
    .describe('Login name; upper and lower case are the same.'),
  password: line(1024)
    .optional()
    .describe(
      'Password in clear text. One of password, password_env, password_file and password_hash is needed.',
    ),
  password_env: line(200).optional().describe('Environment variable of the router that holds the password.'),
  password_file: line(4096)
    .optional()
    .describe(
      'File that holds the password; one line break at its end is ignored. Read again when it changes.',
    ),
  password_hash: passwordHash()
    .optional()
    .describe('argon2id hash of the password, as smtp-router user hash prints it.'),
  selector: line(4096)
    .optional()
    .describe(
      'Who decides: in-order (default), round-robin, random, weighted, least-busy, lowest-latency, a name under selectors, or the path of a plugin.',
    ),
  selector_algo_path: line(4096)
    .optional()
    .describe(
      "smtpmux's word for the path of a plugin: relative to this file, else to the working directory.",
    ),
  downstreams: z
    .array(z.union([z.string(), downstreamSchema]))
    .min(1, { error: () => 'must name at least one downstream' })
    .optional()
    .describe(
      'Names under downstreams, or mappings with addr, user and pass. Default: every named downstream, in file order.',
    ),
  mode: oneOf(['sync', 'sync_then_spool', 'spool'])
    .optional()
    .describe(
      'sync: the client hears the reply of the downstream, nothing is kept here. sync_then_spool: the same as long as a downstream takes the message within relay.budget, else it is spooled and the client hears 250. spool: spooled at once. Default: sync_then_spool with a spool, otherwise sync.',
    ),
  allowed_senders: z
    .array(addressPattern())
    .min(1, { error: () => 'must name at least one address; leave it out to allow any' })
    .optional()
    .describe(
      'Addresses this user may send under, e.g. ["*@example.com", app@example.org]: the envelope sender and every mailbox of the header From. A star stands for any characters, upper and lower case are the same. The empty envelope sender of automatic answers is always allowed. Default: any.',
    ),
});

/** One entry under `selectors`; its defaults also serve plugins that a user names by path. */
export const selectorSchema = z.strictObject({
  plugin: line(4096)
    .optional()
    .describe(
      "Path of the plugin: a native executable, or a .js, .mjs or .ts file, which the router's own Node runs.",
    ),
  command: z
    .array(line(4096))
    .min(1)
    .optional()
    .describe(
      'Program and arguments instead of plugin, e.g. [python3, plugin.py]. Every plugin runs in the directory of this file.',
    ),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: () => 'is no name of an environment variable' }),
      z
        .string()
        .max(32_768)
        .refine((text) => !text.includes('\0')),
    )
    .prefault({})
    .describe(
      'Environment of the plugin, besides PATH HOME TZ LANG LC_* SSL_CERT_FILE SSL_CERT_DIR; nothing else is inherited.',
    ),
  start_timeout: duration().prefault('10s').describe('Longest time from launch to a working plugin.'),
  timeout: duration().prefault('2s').describe('Longest time of one decision; then on_failure decides.'),
  max_in_flight: count(1, 100_000).prefault(256).describe('Most decisions under way at a time.'),
  on_failure: oneOf(['in-order', 'last-order', 'tempfail'])
    .prefault('in-order')
    .describe(
      'Who decides while the plugin cannot: the configured order, the last order it gave for this user, or nobody (451).',
    ),
  tail: oneOf(['rest', 'none'])
    .prefault('rest')
    .describe(
      'What follows when the plugin names a single downstream: the rest in configured order, or nobody.',
    ),
  expose_passwords: z
    .boolean()
    .prefault(false)
    .describe('Hand the passwords of downstreams to the plugin; otherwise it gets empty ones.'),
  config: z
    .unknown()
    .optional()
    .describe(
      'Configuration of the plugin itself, any YAML; handed to Configure (version 2 of the contract). What the plugin finds wrong is told by line and column, and the plugin is not used.',
    ),
  sha256: z
    .string()
    .regex(/^(?:sha256:)?[0-9a-fA-F]{64}$/, {
      error: () => 'is no SHA-256; sha256sum prints 64 hexadecimal digits',
    })
    .transform((text) => text.slice(-64).toLowerCase())
    .optional()
    .describe(
      'SHA-256 of the file under plugin, as sha256sum prints it; any other file is not started. A native plugin runs from a private copy, and it is the copy that is checked.',
    ),
  watch: z
    .union([z.boolean(), z.array(line(4096)).min(1).max(100)])
    .prefault(true)
    .describe(
      'Replace the plugin, without losing a message, when its file changes; a list names further files that count, such as [plugin.py, rules.py], relative to this file. With command, its program counts when it is given with a slash.',
    ),
  auto_mtls: oneOf(['prefer', 'require', 'off'])
    .prefault('prefer')
    .describe(
      'Mutual TLS between router and plugin, with certificates made anew for each start: with every plugin that can, only with plugins that can, or with none.',
    ),
});

/** The whole file. */
export const configSchema = z.strictObject({
  hostname: line(253)
    .regex(/^[A-Za-z0-9.[\]:_-]+$/, { error: () => 'is no host name' })
    .optional()
    .describe("Name in the greeting and in EHLO. Default: the system's."),
  listen: z
    .array(listenSchema)
    .min(1, { error: () => 'must name at least one address' })
    .prefault([{ address: '127.0.0.1:2525' }])
    .describe('Where clients submit mail.'),
  tls: z
    .strictObject({
      cert: line(4096).describe(
        'PEM file with the certificate of this server, followed by those that lead to an authority.',
      ),
      key: line(4096).describe('PEM file with its private key, without a passphrase.'),
    })
    .optional()
    .describe(
      'Certificate and key of the listeners, for TLS 1.2 and later. Changed files are taken within half a minute; sessions keep what they began with.',
    ),
  limits: limitsSchema.prefault({}).describe('Bounds of what clients may do. MB is 10^6 bytes, MiB is 2^20.'),
  timeouts: timeoutsSchema.prefault({}).describe('How long the router waits.'),
  users: z
    .array(userSchema)
    .min(1, { error: () => 'must name at least one user' })
    .describe('Who may send mail, and by which downstreams it goes.'),
  downstreams: z
    .record(name(), downstreamSchema)
    .prefault({})
    .describe('The SMTP servers mail is relayed to, by name.'),
  selectors: z.record(name(), selectorSchema).prefault({}).describe('Plugins that decide, by name.'),
  relay: z
    .strictObject({
      budget: duration()
        .prefault('25s')
        .describe(
          "Longest time from the client's final dot to the last downstream tried, the decision included.",
        ),
      ambiguous: oneOf(['at_least_once', 'at_most_once'])
        .prefault('at_least_once')
        .describe(
          'What the client hears when the final reply of a downstream is lost: at_least_once 451, so that it tries again; at_most_once 554.',
        ),
    })
    .prefault({})
    .describe('How a message is handed on.'),
  spool: z
    .union([
      z.literal('off'),
      z.strictObject({
        url: line(4096)
          .prefault('sqlite:spool.db')
          .describe(
            'sqlite: and a file, relative to state_dir, for one router; or postgres://user:password@host/database, for several routers on one queue.',
          ),
        min_free: size(0, 1024 * 1024 * MEBIBYTE)
          .prefault('512MiB')
          .describe(
            'Room that stays free on the disk of a spool in SQLite: mail that would need it is refused for now (452), while spooled mail goes on.',
          ),
      }),
    ])
    .prefault('off')
    .describe('Durable storage of mail that no downstream takes at once, or off.'),
  retry: z
    .strictObject({
      delays: z
        .array(duration())
        .min(1, { error: () => 'must name at least one delay' })
        .max(100)
        .prefault(['1m', '5m', '15m', '1h', '3h'])
        .describe('Time before each further try; the last one repeats.'),
      give_up_after: duration()
        .prefault('3d')
        .describe('Age at which mail is given up and its sender is told.'),
    })
    .prefault({})
    .describe('When spooled mail is tried again.'),
  bounces: z
    .strictObject({
      via: line(100)
        .optional()
        .describe(
          'Downstream that carries reports to senders. Default: those of the user whose mail it was.',
        ),
      to: line(320)
        .refine((text) => text === 'sender' || text === 'none' || isMailAddress(text), {
          error: (issue) => `${JSON.stringify(issue.input)} is no address; write sender, none or an address`,
        })
        .prefault('sender')
        .describe(
          'Who is told of mail that failed later: sender (never where it had not logged in), an address that gets all reports, or none.',
        ),
      from: line(320)
        .refine(isMailAddress, { error: (issue) => `${JSON.stringify(issue.input)} is no address` })
        .optional()
        .describe('Address in From of reports. Default: MAILER-DAEMON at hostname.'),
    })
    .prefault({})
    .describe('How senders learn of mail that failed later.'),
  admin: z
    .union([
      z.literal('off'),
      z.strictObject({
        address: hostPort(0)
          .prefault('127.0.0.1:9025')
          .describe('Loopback address of /healthz, /readyz and /metrics.'),
        token_file: later().describe('Token of clients beyond loopback.'),
      }),
    ])
    .prefault({})
    .describe('HTTP address for health checks and metrics, or off.'),
  log: z
    .strictObject({
      level: oneOf(['trace', 'debug', 'info', 'warn', 'error'])
        .prefault('info')
        .describe('Least important lines that are written.'),
      format: oneOf(['auto', 'json', 'pretty'])
        .prefault('auto')
        .describe('auto: for people on a terminal, JSON otherwise.'),
      addresses: oneOf(['full', 'domain', 'hash'])
        .prefault('full')
        .describe('How much of mail addresses appears.'),
    })
    .prefault({})
    .describe(
      'What is written to standard output: JSON lines in batches, within 100 ms; warnings and errors at once.',
    ),
  state_dir: line(4096)
    .prefault(DEFAULT_STATE_DIR)
    .describe('Directory of lock, control socket and plugin records; one for each router.'),
  shutdown_grace: duration()
    .prefault('25s')
    .describe('How long running transactions may take after SIGTERM.'),
});

/** What a valid file holds once defaults are filled in; names are not yet looked up. */
export type ConfigDocument = z.output<typeof configSchema>;
export type DownstreamDocument = z.output<typeof downstreamSchema>;
export type ListenDocument = z.output<typeof listenSchema>;
export type SelectorDocument = z.output<typeof selectorSchema>;
export type UserDocument = z.output<typeof userSchema>;
