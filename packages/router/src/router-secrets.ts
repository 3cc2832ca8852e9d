/**
 * The passwords of one configuration while a router runs by it: those that stand in files are taken up
 * again when the files change, and whoever uses one is told.
 */
import type { Clock } from './clock.ts';
import type { RouterConfig } from './config/router-config.ts';
import type { SecretFileResult } from './config/secret-file.ts';
import { SecretWatch } from './config/secret-watch.ts';
import type { EventSink } from './events/event-sink.ts';
import { secretForms, secretsOf } from './router-options.ts';

/** Who uses passwords. */
export interface SecretUsers {
  readonly downstreamChanged: (name: string, password: string) => void;
  readonly userChanged: (email: string, password: string) => void;
}

export interface RouterSecretsOptions {
  readonly clock: Clock;
  readonly events: EventSink;
  readonly users: SecretUsers;
}

/** The password of one downstream or user, and the file it came from. */
interface FileSecret {
  readonly kind: 'downstream' | 'user';
  readonly name: string;
  readonly login: string;
  readonly file: string;
}

export class RouterSecrets {
  /** By downstream; changes with the files. */
  readonly downstreamPasswords: Map<string, string>;
  readonly #options: RouterSecretsOptions;
  readonly #owners: readonly FileSecret[];
  readonly #watch: SecretWatch;
  #forms: readonly string[];

  constructor(config: RouterConfig, options: RouterSecretsOptions) {
    this.#options = options;
    this.downstreamPasswords = passwordsOf(config);
    this.#forms = secretsOf(config);
    this.#owners = fileSecretsOf(config);
    this.#watch = new SecretWatch({
      files: filesOf(config),
      clock: options.clock,
      onChange: (file, result) => this.#changed(file, result),
    });
  }

  /**
   * Every password and hash there is or was, in every form it crosses a wire in: logs blank them. The
   * same array as long as nothing changed.
   */
  get forms(): readonly string[] {
    return this.#forms;
  }

  open(): void {
    this.#watch.open();
  }

  /** Idempotent. */
  close(): void {
    this.#watch.close();
  }

  #changed(file: string, result: SecretFileResult): void {
    const owners = this.#owners.filter((owner) => owner.file === file);
    const names = owners.map(({ kind, name }) => `${kind} ${name}`).join(', ');
    if (result.kind === 'bad') {
      this.#options.events.emit({ kind: 'secret-changed', file, owners: names, problem: result.message });
      return;
    }
    const forms = owners.flatMap(({ login }) => secretForms(login, result.secret));
    this.#forms = [...new Set([...this.#forms, ...forms])];
    for (const owner of owners) this.#hand(owner, result.secret);
    this.#options.events.emit({ kind: 'secret-changed', file, owners: names });
  }

  #hand({ kind, name }: FileSecret, secret: string): void {
    if (kind === 'user') {
      this.#options.users.userChanged(name, secret);
      return;
    }
    this.downstreamPasswords.set(name, secret);
    this.#options.users.downstreamChanged(name, secret);
  }
}

function passwordsOf({ downstreams }: RouterConfig): Map<string, string> {
  const passwords = new Map<string, string>();
  for (const { name, password } of downstreams.values()) {
    if (password !== undefined) passwords.set(name, password);
  }
  return passwords;
}

function fileSecretsOf({ users, downstreams }: RouterConfig): readonly FileSecret[] {
  const ofUsers = [...users.values()].flatMap(({ email, login }) =>
    'password' in login && login.passwordFile !== undefined
      ? { kind: 'user' as const, name: email, login: email, file: login.passwordFile }
      : [],
  );
  const ofDownstreams = [...downstreams.values()].flatMap(({ name, user = '', passwordFile }) =>
    passwordFile === undefined ? [] : { kind: 'downstream' as const, name, login: user, file: passwordFile },
  );
  return [...ofUsers, ...ofDownstreams];
}

function filesOf({ users, downstreams }: RouterConfig): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { login } of users.values()) {
    if ('password' in login && login.passwordFile !== undefined)
      files.set(login.passwordFile, login.password);
  }
  for (const { passwordFile, password } of downstreams.values()) {
    if (passwordFile !== undefined && password !== undefined) files.set(passwordFile, password);
  }
  return files;
}
