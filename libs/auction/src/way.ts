/**
 * What it takes to get one more slot of a grade, in ticks, and how: `order` gives way, or, where that is −1, a free slot of the grade `idle`
 * is used. A bid that must give way counts one tick more than it is.
 */
export interface Way {
  readonly bid: number;
  readonly idle: number;
  readonly order: number;
}
