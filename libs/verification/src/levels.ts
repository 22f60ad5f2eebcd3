/** How results of a job are checked. */
export const LEVELS = ['L0', 'L1', 'L2', 'L3', 'L4'] as const;
export type Level = (typeof LEVELS)[number];

export interface LevelRules {
  readonly level: Level;
  /** Who says that a result is right: the developer's own verifier, other nodes and the reference runner, or the developer's trust. */
  readonly by: 'verifier' | 'nodes' | 'trust';
  /** Executions by nodes of different clusters that must agree before a result counts at all. */
  readonly replicas: 1 | 2;
  /** The least share of a node's results that another node checks, chosen after the result is there. */
  readonly check_share: number;
  /** The share that the reference runner checks. */
  readonly reference_share: number;
  /** So many of a newcomer's first results are all checked. */
  readonly probation_results: number;
  /** So many further results its node must report, none proven wrong, before a result is final. */
  readonly window_results: number;
  /** Results confirmed in a row that make a node fit to check others, if there are such nodes. */
  readonly checker_confirmed: number;
  /** Of the open results of a banned node that another node confirmed, so many are run again beside its latest. */
  readonly rerun_share: number;
  /** So many open results of a node that reports no more are checked before they become final. */
  readonly closing_checks: number;
  /** What the simulation stays below (docs/guides/verification.md): wrong results among final ones, and executions of a task. */
  readonly expected_error: number | null;
  readonly expected_executions: number;
  /** What a task costs its developer, in executions: replicas are theirs, checks are the heap's. */
  readonly price_factor: number;
}

const UNCHECKED = {
  replicas: 1,
  check_share: 0,
  reference_share: 0,
  probation_results: 0,
  window_results: 0,
  checker_confirmed: 0,
  rerun_share: 0,
  closing_checks: 0,
  expected_error: null,
  expected_executions: 1,
  price_factor: 1,
} as const;

export const LEVEL_RULES: Readonly<Record<Level, LevelRules>> = {
  L0: { ...UNCHECKED, level: 'L0', by: 'verifier' },
  L1: {
    level: 'L1',
    by: 'nodes',
    replicas: 1,
    check_share: 0.03,
    reference_share: 0.01,
    probation_results: 15,
    window_results: 300,
    checker_confirmed: 20,
    rerun_share: 0.1,
    closing_checks: 4,
    expected_error: 5e-3,
    expected_executions: 1.2,
    price_factor: 1,
  },
  L2: {
    level: 'L2',
    by: 'nodes',
    replicas: 2,
    check_share: 0.03,
    reference_share: 0.01,
    probation_results: 20,
    window_results: 200,
    checker_confirmed: 100,
    rerun_share: 0.25,
    closing_checks: 3,
    expected_error: 5e-4,
    expected_executions: 2.2,
    price_factor: 2,
  },
  L3: {
    level: 'L3',
    by: 'nodes',
    replicas: 2,
    check_share: 0.06,
    reference_share: 0.02,
    probation_results: 40,
    window_results: 500,
    checker_confirmed: 100,
    rerun_share: 0.25,
    closing_checks: 10,
    expected_error: 1e-4,
    expected_executions: 2.2,
    price_factor: 2,
  },
  L4: { ...UNCHECKED, level: 'L4', by: 'trust' },
};
