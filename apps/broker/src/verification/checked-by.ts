import { LEVEL_RULES, type Level } from '#verification';

/** How the results of a job are being checked. */
export function checkedBy(
  level: Level,
  { by_nodes, by_reference }: { by_nodes: number; by_reference: number },
  own_verifier = false,
): { code: string; sentence: string } {
  if (own_verifier)
    return {
      code: 'own_verifier',
      sentence: 'Your own verifier looks at every result; what it rejects the heap runs itself, and that decides.',
    };
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
