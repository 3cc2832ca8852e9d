/** What is measured: three ways to a plugin, each in clear and with AutoMTLS. */

export interface Subject {
  /** Of the row. */
  readonly name: string;
  /** Folder of plugins/ the program is built from. */
  readonly plugin: string;
  readonly autoMtls: 'require' | 'off';
}

const WAYS = [
  { way: 'net/rpc v1', plugin: 'round_robin' },
  { way: 'net/rpc v2', plugin: 'round_robin_v2' },
  { way: 'gRPC v2', plugin: 'elsewhere_after_two_failures' },
] as const;

/** Name of a subject. */
export function subjectName(way: string, isMutualTls: boolean): string {
  return `${way} ${isMutualTls ? 'AutoMTLS' : 'clear'}`;
}

export const WAY_NAMES: readonly string[] = WAYS.map(({ way }) => way);

export const SUBJECTS: readonly Subject[] = WAYS.flatMap(({ way, plugin }) => [
  { name: subjectName(way, false), plugin, autoMtls: 'off' },
  { name: subjectName(way, true), plugin, autoMtls: 'require' },
]);
