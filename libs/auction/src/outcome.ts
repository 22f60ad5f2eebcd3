/** What became of a round, as the explanations need it. */
export interface Outcome {
  /** Per order the slots it got. */
  readonly filled: Int32Array;
  /** Per grade in ticks, −1 where nobody wants any. */
  readonly prices: Float64Array;
  /** Per grade and per offer the slots that were sold. */
  readonly soldOf: Int32Array;
  readonly sold: Int32Array;
  /** Orders left out because they would have got fewer slots than they take, with how many that were. */
  readonly leftOut: ReadonlyMap<number, number>;
}
