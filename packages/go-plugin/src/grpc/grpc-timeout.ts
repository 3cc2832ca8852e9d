/** The header `grpc-timeout`: `1*8DIGIT ("H" / "M" / "S" / "m" / "u" / "n")` (gRPC over HTTP/2). */
const UNIT_MS = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1 / 1000, n: 1 / 1_000_000 } as const;

const MAX_VALUE = 99_999_999;

/** Writes a time-out; one below a millisecond counts as one, one too long for milliseconds in seconds. */
export function formatGrpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms <= MAX_VALUE ? `${ms}m` : `${Math.min(MAX_VALUE, Math.ceil(ms / 1000))}S`;
}

/** Milliseconds; undefined for what is no time-out, which then counts as none. */
export function parseGrpcTimeout(text: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  const [, digits, unit] = match ?? [];
  if (digits === undefined || !isUnit(unit)) return undefined;
  return Number(digits) * UNIT_MS[unit];
}

function isUnit(text: string | undefined): text is keyof typeof UNIT_MS {
  return text !== undefined && Object.hasOwn(UNIT_MS, text);
}
