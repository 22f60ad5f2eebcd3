import fc from 'fast-check';
import { type AdvisedDevice, earnedAt, ladder, type SoldHour } from './reserve-advice.js';

/** 10¹² fuel an hour and slot, so that each sold slot-hour earns the price. */
const DEVICE: AdvisedDevice = {
  slots: 2,
  speed_fuel_per_ms: 1e12 / 3_600_000,
  electricity_per_slot_hour_micro: 10,
  fee_basis_points: 1_000,
};
const hour = (price: number, slot_hours = 10, open = 1): SoldHour => ({ price_micro: BigInt(price), slot_hours, open });

test.each<[string, number, SoldHour[], Partial<AdvisedDevice>, [earned: number, electricity: number, hours: number]]>([
  ['nothing was sold', 1, [], {}, [0, 0, 0]],
  ['all slots, less the fee', 100, [hour(100)], {}, [180, 20, 2]],
  ['an hour below the price sells nothing', 101, [hour(100)], {}, [0, 0, 0]],
  ["the round's price is paid, not the reserve", 1, [hour(100)], {}, [180, 20, 2]],
  ['no more than anybody sold', 1, [hour(100, 0.5)], {}, [45, 5, 0.5]],
  ['only in its hours', 1, [hour(100, 10, 0.25), hour(100, 10, 0)], {}, [45, 5, 0.5]],
  ['several hours', 50, [hour(100), hour(40), hour(60)], {}, [288, 40, 4]],
  ['without a fee', 1, [hour(100)], { fee_basis_points: 0 }, [200, 20, 2]],
])('%s', (_, price, hours, over, [earned, electricity, slot_hours]) =>
  expect(earnedAt(BigInt(price), hours, { ...DEVICE, ...over })).toEqual({
    price_micro: BigInt(price),
    earned_micro: BigInt(earned),
    electricity_micro: BigInt(electricity),
    slot_hours,
  }),
);

const hours = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 5 }), fc.double({ min: 0, max: 1, noNaN: true })),
  {
    maxLength: 20,
  },
);

test('a higher reserve never earns more, and the price that covers the electricity leaves the most', () => {
  fc.assert(
    fc.property(hours, fc.bigInt(0n, 500n), fc.bigInt(0n, 500n), (sold, one, other) => {
      const market = sold.map(([price, count, open]) => hour(price, count, open));
      const [low, high] = one < other ? [one, other] : [other, one];
      const at = (price: bigint) => earnedAt(price, market, { ...DEVICE, fee_basis_points: 0, electricity_per_slot_hour_micro: 10 });
      expect(at(high).earned_micro).toBeLessThanOrEqual(at(low).earned_micro);
      // Its electricity is 10 for 10¹² fuel: at that reserve nothing is sold at a loss, and nothing refused that leaves something.
      const left = (price: bigint) => Number(at(price).earned_micro - at(price).electricity_micro);
      expect(left(10n)).toBeGreaterThanOrEqual(left(one) - 2);
    }),
  );
});

test('the ladder holds what must be on it, ascending, each once, and is short', () => {
  const rungs = ladder(40n, [hour(10), hour(70), hour(70)], [33n, 40n]);
  expect(rungs).toEqual([...new Set(rungs)].sort((a, b) => Number(a - b)));
  expect(rungs).toEqual(expect.arrayContaining([10n, 33n, 40n, 70n]));
  expect(rungs.length).toBeLessThanOrEqual(16);
});
