import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');

test('settings of agents are no mistake in those of the heap that npm start brings up with them', () => {
  const env = { PATH: process.env.PATH, HEAP_AGENT_STORAGE: '5', HEAP_AGENT_SLOTS: '2', HEAP_PORT: 'many', HEAP_ZZZZZZZZZZ: '1' };
  const { status, stderr } = spawnSync(process.execPath, ['infra/local/start.mjs'], { cwd: ROOT, env, encoding: 'utf8' });
  expect(stderr).toContain('HEAP_PORT is "many"');
  expect(stderr).toContain('HEAP_ZZZZZZZZZZ is not a setting');
  expect(stderr).not.toContain('HEAP_AGENT');
  expect(status).toBe(1);
});
