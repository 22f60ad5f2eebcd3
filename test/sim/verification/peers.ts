import { type Agent, Answers, makeAgents, type RingSaid } from './agents.js';
import { seeded } from './random.js';
import { AGREED_LIE, RIGHT, type Scenario } from './scenario.js';

export interface PeerOutcome {
  readonly wrong: number;
  readonly executions: number;
}

/** Executions after which a task is given up and its first answer taken; BOINC's `max_total_results` is of this order. */
const MOST = 10;

/** Two executions that agree, of as many as it takes. No node is remembered. */
export function voting(scenario: Scenario): PeerOutcome {
  return run(
    scenario,
    0,
    () => 2,
    () => undefined,
  );
}

/** BOINC's constant of the same name (sched/sched_config.h). */
const CONS_VALID_UNREPLICATED = 10;

/**
 * BOINC's adaptive replication: `set_trust` of sched/sched_send.cpp replicates the tasks of a host with fewer than 10 consecutive valid
 * results, and of others by the chance 1 ÷ that number; `is_valid` and `is_invalid` of sched/validator.cpp count replicated results only, and
 * begin at 0 after an invalid one. There are no bans, so that nothing is gained by coming back as another.
 */
export function boinc(scenario: Scenario): PeerOutcome {
  const valid = new Int32Array(scenario.nodes);
  return run(
    scenario,
    CONS_VALID_UNREPLICATED,
    (node, random) => {
      const consecutive = valid[node] as number;
      return consecutive >= CONS_VALID_UNREPLICATED && random() > 1 / consecutive ? 1 : 2;
    },
    (node, right, agent) => {
      if (right) valid[node] = (valid[node] as number) + 1;
      else {
        valid[node] = 0;
        agent.reported = agent.quiet_until = 0;
      }
    },
  );
}

function run(
  scenario: Scenario,
  sleeps_for: number,
  quorumOf: (node: number, random: () => number) => 1 | 2,
  judged: (node: number, right: boolean, agent: Agent) => void,
): PeerOutcome {
  const random = seeded(scenario.seed);
  const agents = makeAgents(scenario);
  const answers = new Answers(scenario, random);
  let wrong = 0;
  let executions = 0;
  const who: number[] = [];
  const what: number[] = [];
  for (let task = 0; task < scenario.tasks; task++) {
    who.length = what.length = 0;
    let ring: RingSaid = null;
    let accepted: number | null = null;
    let quorum = 2;
    while (accepted === null && who.length < MOST) {
      let node = Math.floor(random() * agents.length);
      while (who.includes(node)) node = Math.floor(random() * agents.length);
      const agent = agents[node] as Agent;
      if (who.length === 0) quorum = quorumOf(node, random);
      const answer = answers.answer(agent, who.length === 0, ring, sleeps_for, 0);
      if (agent.in_ring) ring = answer === AGREED_LIE ? 'lie' : 'truth';
      executions++;
      if (quorum === 1 || what.includes(answer)) accepted = answer;
      who.push(node);
      what.push(answer);
    }
    accepted ??= what[0] as number;
    if (accepted !== RIGHT) wrong++;
    if (quorum > 1) for (const [i, node] of who.entries()) judged(node, what[i] === accepted, agents[node] as Agent);
  }
  return { wrong: wrong / scenario.tasks, executions: executions / scenario.tasks };
}
