import { type HealthFacts, healthOf } from './health.js';

const unknown: HealthFacts = { tasks: 0, lost: 0, restarted: 0, broken: 0, deaf: 0, disconnects: 0, connected: false, measured: true };

test.each<[string, Partial<HealthFacts>, number, string[]]>([
  ['of which nothing is known', {}, 0, []],
  ['that works and stays', { tasks: 500, connected: true }, 15, ['WORKS', 'STEADY']],
  ['that has begun', { tasks: 1, connected: true, disconnects: 1 }, 8, ['WORKED', 'STEADY']],
  ['that comes and goes', { tasks: 1, connected: true, disconnects: 13 }, -2, ['WORKED', 'FLAPS']],
  ['that loses work', { lost: 2, restarted: 3 }, -9, ['LOSES_WORK', 'RESTARTS']],
  [
    'that loses all of it',
    { lost: 1_000, restarted: 1_000, broken: 1_000, deaf: 1_000, measured: false },
    -62,
    ['LOSES_WORK', 'RESTARTS', 'BREAKS', 'DEAF', 'UNMEASURED'],
  ],
])('the score of a node %s is what its rules add up to', (_, facts, score, names) => {
  const health = healthOf({ ...unknown, ...facts });
  expect([health.score, health.rules.map((rule) => rule.name)]).toEqual([score, names]);
  expect(health.rules.reduce((sum, rule) => sum + rule.weight, 0)).toBe(score);
});
