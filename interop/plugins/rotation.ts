/** Takes the downstreams in turn and says on both output channels that it was asked. */
import type { SelectRequest } from '@smtp-router/selector';

/** A function for `serveSelector` with a turn of its own. */
export function rotation(): (request: SelectRequest) => readonly string[] {
  let turn = 0;
  return ({ downstreams }) => {
    const ids = downstreams.map(({ id }) => id);
    const start = turn % ids.length;
    turn += 1;
    console.log(`asked ${turn}`);
    console.error(`offered ${ids.length}`);
    return [...ids.slice(start), ...ids.slice(0, start)];
  };
}
