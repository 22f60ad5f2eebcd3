import { uuidv7 } from '#units';
import { taskWorld } from './task-world.js';

test("a task's clock starts when its job was placed, and each task has its own chance", () => {
  const now_ms = Date.UTC(2026, 10, 21, 12, 30, 15, 250);
  const job_id = uuidv7(now_ms, new Uint8Array(10).fill(0xff));
  expect(taskWorld(job_id, 7)).toEqual({ seed: `${job_id}/7`, clock_ms: now_ms });
  expect(taskWorld(job_id, 8).seed).not.toBe(taskWorld(job_id, 7).seed);
  expect(taskWorld(job_id, 7, { seed: 'mine', clock_ms: 5 })).toEqual({ seed: 'mine/7', clock_ms: 5 });
});
