/** How often a property is tried: FUZZ_RUNS of the environment, else a number that keeps tests quick. */
export function fuzzRuns(): number {
  return Number(process.env['FUZZ_RUNS'] ?? 300);
}
