import type { AutoMtls } from '@smtp-router/go-plugin/host';
import type { PrepareExecutable, ProcessRegistry } from '@smtp-router/go-plugin/supervisor';
import type { SelectRequest } from '@smtp-router/selector/contract';
import type { SelectorSettings, Tail } from '@smtp-router/selector/host';
import type { Clock } from '../clock.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { OnFailure } from './fallback.ts';

export interface WatchedFiles {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** True when their contents are not all part of the checksum of what runs. */
  readonly isMoreThanChecksum: boolean;
}

/** A plugin under its configured name; times in milliseconds. */
export interface PluginSelectionOptions {
  readonly name: string;
  /** Program and arguments; at least the program. */
  readonly command: readonly [string, ...string[]];
  /** Where the process runs; default the router's own working directory. */
  readonly workingDirectory?: string;
  /** Besides the allow-listed variables; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  /** Of one call; a request may ask for less. */
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly onFailure: OnFailure;
  /** What follows a string answer. */
  readonly tail: Tail;
  /** By downstream id; may change. Given only where the operator exposes passwords to this plugin. */
  readonly passwords?: ReadonlyMap<string, string>;
  /** The plugin's own configuration, for generation 2. */
  readonly settings?: SelectorSettings;
  /** Mutual TLS with the process; default preferred. */
  readonly autoMtls?: AutoMtls;
  /** What processes are started from; default the program of `command`. */
  readonly prepare?: PrepareExecutable;
  /** The files that replace the plugin when they change; default none. */
  readonly watch?: WatchedFiles;
  /** A question a new process has to answer before it replaces another; undefined while there is none to ask. */
  sample?(): SelectRequest | undefined;
  readonly events: EventSink;
  /** Where processes are noted, so that the next router can end what this one left behind. */
  readonly registry?: ProcessRegistry;
  readonly clock?: Clock;
}
