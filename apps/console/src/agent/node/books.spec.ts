import { Books, type BooksSource } from './books.js';

/** A heap whose books have the money some time after the work was confirmed. */
function startBooks() {
  const heap = { now_ms: 0, earned_micro: 0, asked: 0, tasks_done: 0 };
  const http: BooksSource = {
    earnings: async () => {
      heap.asked++;
      return { currency: 'USD', earned_micro: String(heap.earned_micro), earned_since_micro: String(heap.earned_micro) };
    },
    device: async () => ({ work: [] }),
  };
  const books = new Books(
    http,
    () => 'token',
    () => heap.now_ms,
    () => undefined,
  );
  const pass = async (ms: number) => {
    for (const end_ms = heap.now_ms + ms; heap.now_ms < end_ms; heap.now_ms += 500) {
      // Every result is confirmed before the next look.
      books.look([], { unconfirmed: 0, tasks_done: heap.tasks_done });
      await new Promise(setImmediate);
    }
  };
  return { heap, books, pass };
}

test('money that is booked seconds after its result is seen within seconds', async () => {
  const { heap, books, pass } = startBooks();
  await pass(10_000);
  heap.tasks_done += 3;
  await pass(5_000);
  heap.earned_micro = 412;
  await pass(4_000);
  expect(books.earned?.earned_micro).toBe(412n);
});

test('a device without news asks once a minute', async () => {
  const { heap, pass } = startBooks();
  heap.tasks_done += 3;
  await pass(20_000);
  const { asked } = heap;
  await pass(120_000);
  expect(heap.asked - asked).toBeLessThanOrEqual(2);
});
