/** `selector-host`, a host written in Go, and what it reports of a plugin of version 2. */
import { type GO_PLUGIN_VERSIONS, goProgramWith } from './go-programs.ts';
import { output } from './output.ts';

/** What `selector-host -shape v2` prints, as far as it is looked at. */
export interface HostReportV2 {
  readonly library: string;
  readonly version: number;
  readonly protocol: string;
  readonly killMs: number;
  readonly exited: boolean;
  readonly hostLog: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly error: string;
  readonly v2: {
    readonly description: unknown;
    readonly problems: readonly unknown[];
    readonly replies: readonly unknown[];
  };
}

/** One run. */
export interface HostRunV2 {
  /** Of go-plugin. */
  readonly version: (typeof GO_PLUGIN_VERSIONS)[number];
  /** Flags besides those for shape, calls and downstreams. */
  readonly question: readonly string[];
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Asks the plugin twice about the downstreams `one` and `two`. */
export async function runHostV2({ version, question, command, env }: HostRunV2): Promise<HostReportV2> {
  const host = await goProgramWith(version, './cmd/selector-host');
  const offered = ['-downstream', 'one.example.com:25', '-downstream', 'two.example.com:25'];
  const args = ['-shape', 'v2', '-calls', '2', ...offered, ...question, '--', ...command];
  return JSON.parse(await output(host, args, env)) as HostReportV2;
}
