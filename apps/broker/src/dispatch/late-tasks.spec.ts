import { LateTasks } from './late-tasks.service.js';
import type { TwinsStore } from './twins.store.js';

function setUp(...answers: (boolean | Error)[]) {
  const asked: string[] = [];
  const anyLate = (job_id: string) => {
    asked.push(job_id);
    const answer = answers.shift() ?? false;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { asked, late: new LateTasks({ anyLate } as unknown as TwinsStore) };
}

test('all leases of a job that ask at once, and for a moment after, share one answer of none', async () => {
  const { asked, late } = setUp();
  expect(await Promise.all([late.of('a', 0), late.of('a', 0), late.of('b', 0), late.of('a', 249)])).toEqual([false, false, false, false]);
  expect(asked).toEqual(['a', 'b']);
  await late.of('a', 250);
  expect(asked).toEqual(['a', 'b', 'a']);
});

test('that there are some is asked again: whoever asked first may have taken them', async () => {
  const { asked, late } = setUp(true, false);
  expect(await late.of('a', 0)).toBe(true);
  expect(await late.of('a', 1)).toBe(false);
  expect(asked).toEqual(['a', 'a']);
});

test('a question that failed is asked again', async () => {
  const { late } = setUp(new Error('gone'), true);
  await expect(late.of('a', 0)).rejects.toThrow('gone');
  expect(await late.of('a', 1)).toBe(true);
});
