/** Puts the cases of one file to one process of a plugin, in order. */
import type { SelectRequest } from '@smtp-router/selector/contract';
import type { SelectorPlugin } from '@smtp-router/selector/host';
import { type CaseAnswer, type CaseDifference, differencesOf } from './case-difference.ts';
import type { CaseFile } from './case-file.ts';
import { caseRequest } from './case-request.ts';
import { OutputTail } from './output-tail.ts';
import { CALL_TIMEOUT_MS, openTarget, type PluginTarget, startTarget } from './plugin-target.ts';

/** How one case went. */
export interface CaseResult {
  readonly file: string;
  readonly name: string;
  /** Empty when it went as expected. */
  readonly differences: readonly CaseDifference[];
  readonly answer: CaseAnswer;
  readonly durationMs: number;
}

export interface CaseRun {
  /** Its settings count where the file has none. */
  readonly target: PluginTarget;
  readonly onResult: (result: CaseResult) => void;
  readonly signal?: AbortSignal;
}

/**
 * Answers what the plugin wrote last. Rejects when the plugin does not come up, with an error of the catalogue
 * that names it; the process is ended in any case.
 */
export async function runCases(file: CaseFile, run: CaseRun): Promise<readonly string[]> {
  const target = { ...run.target, settings: file.settings ?? run.target.settings };
  const output = new OutputTail();
  const plugin = await startTarget(target, {
    onOutput: (line) => output.add(line),
    ...(run.signal !== undefined && { signal: run.signal }),
  });
  try {
    const selector = await openTarget(plugin, target);
    for (const one of file.document.cases) {
      if (run.signal?.aborted) break;
      const request = caseRequest(one, { downstreams: file.document.downstreams ?? [], now: Date.now() });
      const askedAt = performance.now();
      const answer = await ask(selector, request, run);
      run.onResult({
        file: file.file,
        name: one.name,
        differences: differencesOf(one.expect, answer, request),
        answer,
        durationMs: performance.now() - askedAt,
      });
    }
    selector.close();
  } finally {
    await plugin.kill();
  }
  return output.lines;
}

async function ask(selector: SelectorPlugin, request: SelectRequest, run: CaseRun): Promise<CaseAnswer> {
  try {
    const call = { timeoutMs: CALL_TIMEOUT_MS, ...(run.signal !== undefined && { signal: run.signal }) };
    return { kind: 'reply', reply: await selector.select(request, call) };
  } catch (error) {
    return { kind: 'fault', error };
  }
}
