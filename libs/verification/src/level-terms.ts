import { LEVEL_RULES, type Level } from './levels.js';

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

/** What a level promises and costs, for who chooses. */
export function levelTerms(level: Level) {
  const { expected_error, expected_executions, price_factor, window_results } = LEVEL_RULES[level];
  return { level, sentence: levelSentence(level), expected_error, expected_executions, price_factor, window_results };
}
