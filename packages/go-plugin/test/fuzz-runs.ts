/** How often a property is tried: FUZZ_RUNS of the environment, else the usual number, which keeps tests quick. */
export function fuzzRuns(usual: number): number {
  return Number(process.env['FUZZ_RUNS'] ?? usual);
}
