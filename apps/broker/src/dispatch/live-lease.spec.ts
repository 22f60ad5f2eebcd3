import type { LeaseGrant } from '../leases/leases.query.js';
import { LiveLease } from './live-lease.js';

const leaseAt = (now_ms: number, state: 'ACTIVE' | 'DRAINING' = 'ACTIVE') =>
  new LiveLease({ id: 'lease', state, remaining_ms: 60_000 } as LeaseGrant, now_ms);

test('a lease with tasks out or to be had is not idle', () => {
  const lease = leaseAt(0);
  expect(lease.idle_ms(10_000)).toBe(0);
  lease.sent(0, 1);
  expect(lease.idle_ms(20_000)).toBe(0);
  lease.settled([[0, 1]], 20_000);
  expect(lease.idle_ms(30_000)).toBe(0);
});

test('a draining lease is idle from when nothing is out', () => {
  const lease = leaseAt(0);
  lease.sent(0, 1);
  lease.draining = true;
  expect(lease.idle_ms(10_000)).toBe(0);
  lease.settled([[0, 1]], 11_000);
  expect(lease.idle_ms(12_000)).toBe(0);
  expect(lease.idle_ms(15_000)).toBe(3_000);
  lease.sent(1, 1);
  expect(lease.idle_ms(20_000)).toBe(0);
});

test('a lease that was draining when its node came back is no exception', () => {
  const lease = leaseAt(1_000, 'DRAINING');
  expect(lease.idle_ms(2_000)).toBe(0);
  expect(lease.idle_ms(13_000)).toBe(11_000);
});
