import { LEVEL_RULES, type Level } from '#verification';

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/** What a level does, for who orders. */
export function levelSentence(level: Level): string {
  const { check_share, reference_share, probation_results, window_results } = LEVEL_RULES[level];
  switch (level) {
    case 'L0':
      return 'Each task runs once and its result is taken as it comes: you check it yourself.';
    case 'L4':
      return 'Each task runs once, on the nodes that you name as trusted; nothing is checked.';
    case 'L1':
      return `Each task runs once; every node's first ${probation_results} results and at least ${percent(check_share + reference_share)} of all later ones are run again elsewhere, which nobody can foresee, and a result is final after ${window_results} more of its node.`;
    default:
      return `Each task runs on two nodes of different owners that must agree; at least ${percent(check_share + reference_share)} run a third time, and a result is final after ${window_results} more of its node.`;
  }
}

/** How the results of a job are being checked. */
export function checkedBy(
  level: Level,
  { by_nodes, by_reference }: { by_nodes: number; by_reference: number },
): { code: string; sentence: string } {
  if (LEVEL_RULES[level].by !== 'nodes') return { code: 'nobody', sentence: 'The heap checks nothing at this level.' };
  if (by_nodes + by_reference === 0) return { code: 'not_yet', sentence: 'No result of this job was drawn for a check so far.' };
  if (by_nodes === 0)
    return {
      code: 'reference',
      sentence: "No trusted node of another owner works on this job: the heap's own reference runner runs its checks instead.",
    };
  return {
    code: by_reference === 0 ? 'nodes' : 'both',
    sentence: `${by_nodes} of its checks went to nodes of other owners${by_reference === 0 ? '' : `, ${by_reference} to the heap's own reference runner`}.`,
  };
}
