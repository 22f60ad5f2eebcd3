import { type Claim, sameClaim } from './claim.js';

/** One node's execution of a task. `N` is what nodes are named by. */
export interface Execution<N> {
  readonly node: N;
  readonly claim: Claim;
}

/**
 * What the truth about a task says of those who ran it. `right` are confirmed. `wrong` erred, which hardware may. `lied` gave the same wrong
 * result as another node, which hardware does not.
 */
export interface Proof<N> {
  readonly right: readonly N[];
  readonly wrong: readonly N[];
  readonly lied: readonly N[];
}

/** @param truth what the reference runner came to */
export function prove<N>(executions: readonly Execution<N>[], truth: Claim): Proof<N> {
  const right: N[] = [];
  const wrong: N[] = [];
  const lied: N[] = [];
  for (const { node, claim } of executions) {
    if (sameClaim(claim, truth)) right.push(node);
    else if (executions.some((other) => other.node !== node && sameClaim(other.claim, claim))) lied.push(node);
    else wrong.push(node);
  }
  return { right, wrong, lied };
}
