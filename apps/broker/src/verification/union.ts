/** Owners that one link ties together, each with the cluster it is in so far. */
export interface Tied {
  owner_id: string;
  cluster_id: string;
}

/**
 * Joins the clusters of each group.
 * @returns where clusters go that are not their own root any more; the root is the lowest id, so that the order of joining does not matter.
 */
export function join(groups: readonly (readonly Tied[])[]): Map<string, string> {
  const parent = new Map<string, string>();
  const root = (id: string): string => {
    let at = id;
    for (let up = parent.get(at); up !== undefined; up = parent.get(at)) at = up;
    // The path is shortened, so that long chains are walked once.
    for (let up = parent.get(id); up !== undefined && up !== at; id = up, up = parent.get(id)) parent.set(id, at);
    return at;
  };
  for (const [first, ...others] of groups) {
    if (!first) continue;
    for (const other of others) {
      const [a, b] = [root(first.cluster_id), root(other.cluster_id)];
      if (a === b) continue;
      const [low, high] = a < b ? [a, b] : [b, a];
      parent.set(high, low);
    }
  }
  return new Map([...parent.keys()].map((id) => [id, root(id)]));
}
