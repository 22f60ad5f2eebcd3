import { backtrack } from './backtrack.js';
import { LEVEL_RULES } from './levels.js';

test.each<['probation' | 'ban_device' | 'ban_identity', 'nobody' | 'node' | 'reference', number, string, string]>([
  ['probation', 'nobody', 0.9, 'rerun', 'node_proven_wrong'],
  ['probation', 'node', 0, 'keep', 'confirmed_elsewhere'],
  ['probation', 'reference', 0, 'keep', 'confirmed_by_reference'],
  ['ban_device', 'nobody', 0.9, 'rerun', 'node_banned'],
  ['ban_device', 'node', 0.24, 'rerun', 'node_banned'],
  ['ban_device', 'node', 0.26, 'keep', 'confirmed_elsewhere'],
  ['ban_identity', 'reference', 0, 'keep', 'confirmed_by_reference'],
])('%s, an open result confirmed by %s, draw %d: %s', (kind, by, draw, what, code) => {
  expect(backtrack(LEVEL_RULES.L1, { kind }, by, draw)).toMatchObject({ kind: what, unpaid: kind !== 'probation', reason: { code } });
});
