/** What the score of a node is made of: the last seven days of it. */
export interface HealthFacts {
  tasks: number;
  /** Leases that ended because it stayed away. */
  lost: number;
  /** Leases that ended because its agent restarted and kept nothing. */
  restarted: number;
  /** Leases that its agent could not work on: a sandbox that failed, a module that came out otherwise. */
  broken: number;
  /** Leases of which it did not confirm in time that cancelled tasks had stopped. */
  deaf: number;
  /** Times that its connection broke in the last day. */
  disconnects: number;
  connected: boolean;
  measured: boolean;
}

interface Rule {
  name: string;
  sentence: string;
  /** What it adds; 0 where it does not apply. */
  weight: (facts: HealthFacts) => number;
}

const each = (count: number, weight: number, most: number): number => Math.max(most, count * weight);

/**
 * Rules in the manner of a spam filter (SpamAssassin): each has a name and a weight, those that apply add up, and all of them are shown. 0 is a
 * node of which nothing is known.
 */
const RULES: readonly Rule[] = [
  { name: 'WORKS', sentence: 'It finished 100 tasks or more in seven days.', weight: (f) => (f.tasks >= 100 ? 10 : 0) },
  { name: 'WORKED', sentence: 'It finished tasks in the last seven days.', weight: (f) => (f.tasks > 0 && f.tasks < 100 ? 3 : 0) },
  {
    name: 'STEADY',
    sentence: 'It is connected, and its connection broke at most once in a day.',
    weight: (f) => (f.connected && f.disconnects <= 1 ? 5 : 0),
  },
  { name: 'FLAPS', sentence: 'Its connection broke more than twelve times in a day.', weight: (f) => (f.disconnects > 12 ? -5 : 0) },
  { name: 'LOSES_WORK', sentence: 'It stayed away with work: 3 for each lease, 15 at most.', weight: (f) => each(f.lost, -3, -15) },
  {
    name: 'RESTARTS',
    sentence: 'Its agent restarted and did not keep the work: 1 for each lease, 5 at most.',
    weight: (f) => each(f.restarted, -1, -5),
  },
  {
    name: 'BREAKS',
    sentence: 'Its sandbox failed, or made other code of a module than the heap: 5 for each lease, 25 at most.',
    weight: (f) => each(f.broken, -5, -25),
  },
  {
    name: 'DEAF',
    sentence: 'It did not confirm within a second that cancelled tasks had stopped: 3 for each lease, 15 at most.',
    weight: (f) => each(f.deaf, -3, -15),
  },
  { name: 'UNMEASURED', sentence: 'Its speed is not measured.', weight: (f) => (f.measured ? 0 : -2) },
];

export interface Health {
  score: number;
  rules: { name: string; weight: number; sentence: string }[];
}

export function healthOf(facts: HealthFacts): Health {
  const rules = RULES.map(({ name, sentence, weight }) => ({ name, weight: weight(facts), sentence })).filter((rule) => rule.weight !== 0);
  return { score: rules.reduce((sum, rule) => sum + rule.weight, 0), rules };
}
