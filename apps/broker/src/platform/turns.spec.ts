import { Turns } from './turns.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Turns that take 100 ms each, over as many portions as there are. */
function worker() {
  const seen = { left: 0, at_once: 0, most: 0, idle: 0, aborted: 0, failures: [] as unknown[], fails: false };
  const turns = new Turns({
    ...{ look_ms: 1_000, idle_ms: 5_000 },
    turn: async (signal) => {
      if (seen.fails) throw new Error('broken');
      if (seen.left === 0) return false;
      seen.most = Math.max(seen.most, ++seen.at_once);
      await new Promise<void>((resolve) => setTimeout(resolve, 100));
      seen.at_once--;
      seen.left--;
      if (signal.aborted) seen.aborted++;
      return true;
    },
    idle: async () => {
      seen.idle++;
    },
    failed: (error) => seen.failures.push(error),
  });
  return { seen, turns };
}

test('a wake takes turns until nothing is left, one at a time however often it is woken', async () => {
  const { seen, turns } = worker();
  turns.wake();
  seen.left = 5;
  await jest.advanceTimersByTimeAsync(500);
  expect(seen.left).toBe(5);
  turns.start();
  turns.wake();
  turns.wake();
  await jest.advanceTimersByTimeAsync(250);
  turns.wake();
  expect(seen.left).toBe(3);
  await jest.advanceTimersByTimeAsync(300);
  expect(seen).toMatchObject({ left: 0, most: 1 });
  await turns.stop();
});

test('what no event told of is found by the next look, also after a failure', async () => {
  const { seen, turns } = worker();
  turns.start();
  seen.fails = true;
  await jest.advanceTimersByTimeAsync(1_000);
  expect(seen.failures).toHaveLength(1);
  seen.fails = false;
  seen.left = 2;
  await jest.advanceTimersByTimeAsync(1_200);
  expect(seen.left).toBe(0);
  await turns.stop();
});

test('it idles once after so long without work, and again only after work', async () => {
  const { seen, turns } = worker();
  turns.start();
  await jest.advanceTimersByTimeAsync(20_000);
  expect(seen.idle).toBe(0);
  seen.left = 1;
  turns.wake();
  await jest.advanceTimersByTimeAsync(4_000);
  expect(seen.idle).toBe(0);
  await jest.advanceTimersByTimeAsync(20_000);
  expect(seen.idle).toBe(1);
  await turns.stop();
});

test('stop waits for the turn that is being taken and tells it; nothing follows', async () => {
  const { seen, turns } = worker();
  turns.start();
  seen.left = 3;
  turns.wake();
  await jest.advanceTimersByTimeAsync(50);
  const stopped = turns.stop();
  await jest.advanceTimersByTimeAsync(50);
  await stopped;
  turns.wake();
  await jest.advanceTimersByTimeAsync(5_000);
  expect(seen).toMatchObject({ left: 2, aborted: 1 });
});
