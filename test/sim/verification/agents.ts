import { AGREED_LIE, RIGHT, type Scenario } from './scenario.js';

export interface Agent {
  readonly cheats: boolean;
  readonly in_ring: boolean;
  /** It never lies first. */
  readonly confirms_only: boolean;
  /** Results since it began or was last caught: sleepers count them. */
  reported: number;
  /** It is honest until it has reported so many. */
  quiet_until: number;
}

/** The first of the nodes cheat, the first of those together; which nodes get which task is random anyway. */
export function makeAgents({ nodes, cheaters, collusion, plan }: Scenario): Agent[] {
  const cheating = Math.round(nodes * cheaters);
  const together = Math.round(cheating * collusion);
  return Array.from({ length: nodes }, (_, i) => ({
    cheats: i < cheating,
    in_ring: i < together,
    confirms_only: i < together && i % 2 === 1 && (plan === 'split' || plan === 'both'),
    reported: 0,
    quiet_until: 0,
  }));
}

/** What those of the ring who ran the task before gave; null if none of them did. */
export type RingSaid = 'lie' | 'truth' | null;

/** Answers as the nodes of a scenario do. */
export class Answers {
  #unique = AGREED_LIE + 1;

  constructor(
    private readonly scenario: Scenario,
    private readonly random: () => number,
  ) {}

  /**
   * One execution. Cheaters are as strong as they can be: they know whether somebody ran the task before (by its place in the job, say) and
   * then do not lie, as that would come out; but who of the ring gets a task about which another of it lied says the same.
   * @param sleeps_for results for which a sleeper is honest
   * @param window_results results after which a lie is final
   */
  answer(agent: Agent, first: boolean, ring_said: RingSaid, sleeps_for: number, window_results: number): number {
    const { greed, sleepers, plan, hardware_errors } = this.scenario;
    const reported = agent.reported++;
    if (agent.cheats) {
      if (agent.in_ring && ring_said === 'lie') return AGREED_LIE;
      const awake = reported >= agent.quiet_until && (!sleepers || reported >= sleeps_for);
      if (first && awake && !agent.confirms_only && this.random() < greed) {
        if (plan === 'cautious' || plan === 'both') agent.quiet_until = reported + window_results;
        return agent.in_ring ? AGREED_LIE : this.#unique++;
      }
    }
    return this.random() < hardware_errors ? this.#unique++ : RIGHT;
  }
}
