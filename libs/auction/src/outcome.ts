import type { Flow } from './flow.js';
import type { OwnUse } from './pairs.js';

/** What became of a round, as the explanations need it. */
export interface Outcome {
  readonly flow: Flow;
  /** What buyers took of their own slots before the market; absent when nobody did. */
  readonly own: OwnUse | undefined;
  /** Per grade in ticks, −1 where nobody wants any. */
  readonly prices: Float64Array;
  /** Per offer the slots that were sold in the market; worked out when first asked for. */
  readonly sold: () => Int32Array;
  /** Orders left out because they would have got fewer slots than they take, with how many that were. */
  readonly leftOut: ReadonlyMap<number, number>;
}
