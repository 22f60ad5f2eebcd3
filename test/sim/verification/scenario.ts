/** What is simulated. Shares are between 0 and 1. */
export interface Scenario {
  readonly seed: number;
  readonly nodes: number;
  readonly tasks: number;
  /** Share of the nodes that cheat. */
  readonly cheaters: number;
  /** Share of the cheaters that work together: they know of each other's executions at once and give the same wrong results. */
  readonly collusion: number;
  /** By which chance a cheater that runs a task first gives a wrong result. */
  readonly greed: number;
  /** Cheaters are honest while all their results are checked. */
  readonly sleepers: boolean;
  /**
   * How the ring goes about it. `plain`: each lies by its greed. `split`: every other one never lies first and only confirms. `cautious`: who
   * lied and was not caught at once is honest until that lie is final. `both`: split and cautious.
   */
  readonly plan: Plan;
  /** A cheater leaves after so many results and is back at once as another; null: it stays until it is banned. */
  readonly leaves_after: number | null;
  /** A banned cheater is back at once with a new key, person and network. */
  readonly rejoin: boolean;
  /** Share of the honest results that are wrong by hardware, each in its own way. */
  readonly hardware_errors: number;
}

export type Plan = 'plain' | 'split' | 'cautious' | 'both';

export interface Outcome {
  /** Share of the tasks whose final result is wrong, and the part of it that is errors of honest hardware. */
  readonly wrong: number;
  readonly wrong_by_hardware: number;
  /** Executions of a task, the reference runner's included, and its share. */
  readonly executions: number;
  readonly reference_executions: number;
  /** Share of the honest nodes that were ever banned. */
  readonly honest_banned: number;
  /** Cheaters' identities that were banned, and results that a banned one was not paid for. */
  readonly cheaters_banned: number;
  readonly voided: number;
  /** Share of the cheaters' wrong first results that were paid for in the end. */
  readonly cheats_paid: number;
}

/** Right, or the wrong result that the ring agreed on; every other number is a wrong result that nobody else gives. */
export const RIGHT = 0;
export const AGREED_LIE = 1;
