import { until } from '../../../../test/chaos/until.js';
import { CheckedHeap, CHECK_PATIENCE_MS as PATIENCE_MS, textInputs } from '../../../../test/support/checked-heap.js';
import { ChecksService } from './checks.service.js';

let heap: CheckedHeap;
beforeAll(async () => {
  heap = await CheckedHeap.start({});
}, 180_000);
afterEach(() => heap.sendHome());
afterAll(() => heap?.close());

test('a check waits for a node that may run it and is busy, and says so; when that has left the heap runs it', async () => {
  let free: () => void = () => undefined;
  const busy = new Promise<void>((resolve) => {
    free = resolve;
  });
  const checker = await heap.nodeOnline(() => busy.then(() => null));
  const worker = await heap.nodeOnline(heap.honest);
  await heap.known(checker);
  // Past its first result, so that nodes check the next ones.
  await heap.known(worker, { confirmed: 2, checked: 2 });
  const job_id = await heap.place({ inputs: textInputs(8), slots: 2, open: true });
  const checks = () =>
    heap.broker.sql<{ by_reference: boolean; state: string }>(
      "SELECT by_reference, state::text FROM result_check WHERE job_id = $1 AND kind = 'check'",
      [job_id],
    );
  await until('both work', PATIENCE_MS, async () => {
    const [row] = await heap.broker.sql<{ over: boolean }>(
      `SELECT queued = 0 AND EXISTS (SELECT 1 FROM lease WHERE job_id = job.id AND node_id = $2 AND state = 'ACTIVE') AS over FROM job WHERE id = $1`,
      [job_id, checker.node.node_id],
    );
    return row?.over && (await checks()).some(({ state }) => state === 'WANTED') ? true : undefined;
  });
  await heap.broker.sql("UPDATE result_check SET wanted_at = wanted_at - interval '1 minute' WHERE job_id = $1 AND state = 'WANTED'", [
    job_id,
  ]);
  const service = heap.broker.app.get(ChecksService);
  await service.sweep();
  const waiting = (await checks()).filter(({ state }) => state === 'WANTED');
  expect(waiting.length).toBeGreaterThan(0);
  expect(waiting.filter(({ by_reference }) => by_reference)).toEqual([]);
  const { body } = await heap.developer.call('GET', `/v1/jobs/${job_id}/verification`);
  expect(body.checks.waits.code).toMatch(/^waits_for_(node|both)$/);
  checker.session.send('bye', { code: 'over' });
  await checker.session.closed;
  await until('the heap has them', PATIENCE_MS, async () => {
    await service.sweep();
    return (await checks()).every(({ by_reference }) => by_reference) ? true : undefined;
  });
  free();
});
