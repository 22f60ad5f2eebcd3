import fc from 'fast-check';
import { VOLUME_CLASSES, VOLUME_CODES } from '#units';
import { type Candidate, DOMAINS, isAlwaysOn } from './device.js';
import { LIMITS } from './limits.js';
import { type Placement, place } from './place.js';
import { policySentence } from './reasons.js';
import { device, devices, numbers } from './testing/devices.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const label = (values: number) => fc.option(fc.nat(values - 1).map(String), { freq: 4 });
const anyDevice = fc.record({
  cluster: fc.nat(80).map(String),
  prefix: label(80),
  provider: label(7),
  country: label(3),
  os: label(4),
  agent_version: label(6),
  online_share: fc.double({ min: 0, max: 1, noNaN: true }),
  vetted: fc.boolean(),
  room: fc.nat(3),
  audit_score: fc.double({ min: 0.9, max: 1, noNaN: true }),
});

/** Devices that may hold pieces of one segment together. */
function apart(all: readonly Candidate[]): Candidate[] {
  const clusters = new Set<string>();
  const prefixes = new Set<string>();
  return all.filter(({ cluster, prefix }) => {
    if (clusters.has(cluster) || (prefix !== null && prefixes.has(prefix))) return false;
    clusters.add(cluster);
    if (prefix !== null) prefixes.add(prefix);
    return true;
  });
}

const chosen = ({ assignments }: Placement<Candidate>): Candidate[] => assignments.map(({ device: at }) => at);
const placing = fc.record({
  class: fc.constantFrom(...VOLUME_CLASSES),
  all: fc.array(anyDevice, { maxLength: 90 }),
  had: fc.array(anyDevice, { maxLength: 30 }).map(apart),
  seed: fc.nat(),
  strict: fc.boolean(),
});

test('never two pieces with one owner or network, never without room, each piece once; what is missing has a reason', () => {
  fc.assert(
    fc.property(placing, ({ class: volume_class, all, had, seed, strict }) => {
      const pieces = upTo(Math.max(0, VOLUME_CODES[volume_class].n - had.length));
      const placement = place({ class: volume_class, pieces, random: numbers(seed), strict }, all, had);
      const held = [...had, ...chosen(placement)];
      expect(apart(held)).toHaveLength(held.length);
      expect(chosen(placement).every(({ room }) => room >= 1)).toBe(true);
      expect(placement.assignments.map(({ piece }) => piece)).toEqual(pieces.slice(0, placement.assignments.length));
      expect(placement.missing).toBe(pieces.length - placement.assignments.length);
      expect(placement.reason === null).toBe(placement.missing === 0);
      if (placement.reason) expect(policySentence(placement.reason)).toMatch(/^\d.*\.$/);
      if (!strict && placement.reason) expect(placement.reason.code).not.toBe('too_little_variety');
    }),
  );
});

test('shares are kept where they are strict, and whatever goes beyond one is told', () => {
  fc.assert(
    fc.property(placing, ({ class: volume_class, all, had, seed, strict }) => {
      const { domain, unvetted } = LIMITS[volume_class];
      const pieces = upTo(Math.max(0, VOLUME_CODES[volume_class].n - had.length));
      const placement = place({ class: volume_class, pieces, random: numbers(seed), strict }, all, had);
      const held = [...had, ...chosen(placement)];
      for (const name of DOMAINS) {
        for (const value of new Set(held.map((at) => at[name]))) {
          if (value === null) continue;
          const count = (among: readonly Candidate[]) => among.filter((at) => at[name] === value).length;
          const told = placement.strains.find(({ limit, label: of }) => limit === name && of === value);
          expect(told?.pieces ?? 0).toBe(count(held) > domain ? count(held) : 0);
          if (strict) expect(count(held)).toBeLessThanOrEqual(Math.max(domain, count(had)));
        }
      }
      const strangers = (among: readonly Candidate[]) => among.filter(({ vetted }) => !vetted).length;
      if (strict) expect(strangers(held)).toBeLessThanOrEqual(Math.max(unvetted, strangers(had)));
      expect(placement.strains.some(({ limit }) => limit === 'unvetted')).toBe(strangers(held) > unvetted);
    }),
  );
});

test('the same numbers choose the same devices', () => {
  fc.assert(
    fc.property(placing, ({ class: volume_class, all, had, seed, strict }) => {
      const once = () => place({ class: volume_class, pieces: upTo(10), random: numbers(seed), strict }, all, had);
      expect(once()).toEqual(once());
    }),
  );
});

test.each(VOLUME_CLASSES)('%s: k + 2 to k + 4 pieces are on devices that are always on, where there are others', (volume_class) => {
  const { n } = VOLUME_CODES[volume_class];
  const { least, most } = LIMITS[volume_class].always_on;
  const heap = devices(4 * n, (i) => ({ online_share: i % 2 === 0 ? 0.95 : 0.35 }));
  const first = chosen(place({ class: volume_class, pieces: upTo(n), random: numbers(7) }, heap, []));
  expect(first).toHaveLength(n);
  const always_on = first.filter(isAlwaysOn).length;
  expect(always_on).toBeGreaterThanOrEqual(least);
  expect(always_on).toBeLessThanOrEqual(most);
  // What a repair makes fills up what is missing of both.
  const left = first.filter((at, i) => !isAlwaysOn(at) || i % 3 === 0);
  const again = chosen(place({ class: volume_class, pieces: upTo(n - left.length), random: numbers(8) }, heap, left));
  expect([...left, ...again].filter(isAlwaysOn)).toHaveLength(always_on);
});

test('a heap of devices that are always on, or of none, fills a segment too', () => {
  for (const online_share of [1, 0.2]) {
    const placement = place(
      { class: 'standard', pieces: upTo(40), random: numbers(1) },
      devices(40, () => ({ online_share })),
      [],
    );
    expect(placement).toMatchObject({ missing: 0, strains: [] });
  }
});

test('a segment is spread evenly over what its devices could be lost by', () => {
  const heap = devices(400, (i) => ({ provider: `p${i % 10}`, country: `c${(i >> 1) % 10}`, os: `o${(i * 7) % 10}` }));
  const placed = chosen(place({ class: 'standard', pieces: upTo(40), random: numbers(3), strict: true }, heap, []));
  for (const name of ['provider', 'country', 'os'] as const) {
    const counts = upTo(10).map((i) => placed.filter((at) => at[name] === `${name[0]}${i}`).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...counts)).toBeLessThanOrEqual(5);
  }
});

test('who is not vetted gets a twentieth', () => {
  const heap = devices(200, (i) => ({ vetted: i % 2 === 0 }));
  const placed = chosen(place({ class: 'standard', pieces: upTo(40), random: numbers(3) }, heap, []));
  expect(placed.filter(({ vetted }) => !vetted).length).toBeLessThanOrEqual(2);
  expect(placed).toHaveLength(40);
});

test('who has room and passes audits is chosen more often', () => {
  const heap = devices(60, (i) => ({ room: i % 2 === 0 ? 300 : 100, audit_score: i % 4 < 2 ? 1 : 0.9 }));
  const times = [0, 0, 0, 0];
  for (let i = 0; i < 400; i++) {
    for (const { cluster } of chosen(place({ class: 'small', pieces: upTo(10), random: numbers(i) }, heap, [])))
      times[Number(cluster.slice(6)) % 4] = (times[Number(cluster.slice(6)) % 4] as number) + 1;
  }
  const [roomy, fit, roomy_failing, failing] = times as [number, number, number, number];
  expect(roomy / fit).toBeGreaterThan(2);
  expect(roomy / roomy_failing).toBeGreaterThan(1.4);
  expect(fit / failing).toBeGreaterThan(1.4);
});

describe('what is missing is told', () => {
  const at = (heap: readonly Candidate[], strict: boolean, had: readonly Candidate[] = []) =>
    place({ class: 'standard', pieces: upTo(40 - had.length), random: numbers(1), strict }, heap, had);

  test.each([
    ['no device', [], { code: 'too_few_independent_devices', have: 0, want: 40 }],
    ['12 owners', devices(60, (i) => ({ cluster: `owner ${i % 12}` })), { code: 'too_few_independent_devices', have: 12, want: 40 }],
    ['30 networks', devices(60, (i) => ({ prefix: `net ${i % 30}` })), { code: 'too_few_independent_devices', have: 30, want: 40 }],
    ['full devices', devices(60, (i) => ({ room: i < 25 ? 1 : 0 })), { code: 'too_little_room', have: 25, want: 40, full: 35 }],
  ] as const)('%s', (_, heap, reason) => {
    expect(at(heap, false).reason).toEqual(reason);
    expect(at(heap, true).reason).toEqual(reason);
  });

  test('one agent version: a fifth if strict, otherwise all, and it is said', () => {
    const heap = devices(60, () => ({ agent_version: '1.2.0' }));
    expect(at(heap, true)).toMatchObject({ missing: 32, reason: { code: 'too_little_variety', have: 8, want: 40, left: 52 } });
    expect(at(heap, false)).toMatchObject({
      missing: 0,
      strains: [{ limit: 'agent_version', label: '1.2.0', pieces: 40, most: 8 }],
    });
  });

  test('strangers only: a twentieth if strict, otherwise all', () => {
    const heap = devices(60, () => ({ vetted: false }));
    expect(at(heap, true).missing).toBe(38);
    expect(at(heap, false)).toMatchObject({ missing: 0, strains: [{ limit: 'unvetted', label: null, pieces: 40, most: 2 }] });
  });

  test('a share gives way by as little as can be', () => {
    const heap = devices(80, (i) => ({ os: i % 4 === 0 ? 'a' : i % 4 === 1 ? 'b' : 'c', provider: `p${i % 9}` }));
    const strains = at(heap, false).strains.map(({ limit, label: of, pieces }) => [limit, of, pieces]);
    expect(strains.sort()).toEqual([
      ['os', 'a', 13],
      ['os', 'b', 13],
      ['os', 'c', 14],
    ]);
  });

  test('pieces that are there count', () => {
    expect(at(devices(60), false, [device(0), device(1)])).toMatchObject({ missing: 0 });
    expect(at(devices(30), false, [device(0), device(1)]).reason).toEqual({ code: 'too_few_independent_devices', have: 30, want: 40 });
  });
});
