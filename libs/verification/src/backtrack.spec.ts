import { backtrack, type ConfirmedBy, FIRST_RERUNS, LATEST_RERUNS } from './backtrack.js';
import { LEVEL_RULES } from './levels.js';
import type { Penalty } from './penalties.js';

const open = { confirmed_by: 'nobody' as ConfirmedBy, later_results: 100, unconfirmed: 80 };

test.each<[Penalty['kind'], number, Partial<typeof open>, number, string, string]>([
  ['probation', 1, {}, FIRST_RERUNS / 80 - 0.001, 'rerun', 'node_proven_wrong'],
  ['probation', 1, {}, FIRST_RERUNS / 80, 'keep', 'not_drawn_again'],
  ['probation', 1, { unconfirmed: FIRST_RERUNS }, 0.999, 'rerun', 'node_proven_wrong'],
  ['probation', 2, {}, 0.999, 'rerun', 'node_proven_wrong'],
  ['probation', 2, { confirmed_by: 'node', later_results: 0 }, 0, 'keep', 'confirmed_elsewhere'],
  ['probation', 2, { confirmed_by: 'reference' }, 0, 'keep', 'confirmed_by_reference'],
  ['ban_device', 3, {}, 0.999, 'rerun', 'node_banned'],
  ['ban_device', 3, { confirmed_by: 'node' }, 0.249, 'rerun', 'node_banned'],
  ['ban_device', 3, { confirmed_by: 'node' }, 0.251, 'keep', 'confirmed_elsewhere'],
  ['ban_device', 3, { confirmed_by: 'node', later_results: LATEST_RERUNS - 1 }, 0.999, 'rerun', 'node_banned'],
  ['ban_identity', 1, {}, 0.999, 'rerun', 'node_banned'],
  ['ban_identity', 1, { confirmed_by: 'reference' }, 0, 'keep', 'confirmed_by_reference'],
])('%s after %d errors, an open result like %j, draw %d: %s', (kind, errors, more, draw, what, code) => {
  const found = backtrack(LEVEL_RULES.L2, { kind, errors }, { ...open, ...more }, draw);
  expect(found).toMatchObject({ kind: what, unpaid: kind !== 'probation', reason: { code } });
});
