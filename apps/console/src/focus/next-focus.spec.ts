import fc from 'fast-check';
import { type Box, DIRECTIONS, type Direction, nextFocus } from './next-focus.js';

const box = (left: number, top: number, width = 100, height = 40): Box => ({ left, top, right: left + width, bottom: top + height });

/** Two columns with a wide button below, as the page has on a television. */
const PAGE = { a: box(0, 0), b: box(200, 0), c: box(0, 60), d: box(200, 60), wide: box(0, 120, 300) };
type Name = keyof typeof PAGE;
const names = Object.keys(PAGE) as Name[];

function press(from: Name, direction: Direction): Name | null {
  const others = names.filter((name) => name !== from);
  return (
    others[
      nextFocus(
        PAGE[from],
        others.map((name) => PAGE[name]),
        direction,
      )
    ] ?? null
  );
}

test.each<[Name, Direction, Name | null]>([
  ['a', 'right', 'b'],
  ['a', 'down', 'c'],
  ['a', 'left', null],
  ['a', 'up', null],
  ['b', 'left', 'a'],
  ['b', 'down', 'd'],
  ['c', 'down', 'wide'],
  ['d', 'down', 'wide'],
  ['d', 'up', 'b'],
  ['wide', 'down', null],
])('from %s, %s leads to %s', (from, direction, to) => expect(press(from, direction)).toBe(to));

test('what lies straight ahead comes before what is nearer aside', () => {
  expect(nextFocus(box(0, 0), [box(120, 50), box(0, 90)], 'down')).toBe(1);
});

test('neighbours that overlap by a border are still neighbours', () => {
  expect(nextFocus(box(0, 0), [box(0, 38)], 'down')).toBe(0);
});

test('an arrow never leads back over where it came from', () => {
  const size = fc.integer({ min: 1, max: 300 });
  const place = fc.integer({ min: -500, max: 500 });
  const anyBox = fc.tuple(place, place, size, size).map(([x, y, w, h]) => box(x, y, w, h));
  fc.assert(
    fc.property(anyBox, fc.array(anyBox, { maxLength: 12 }), fc.constantFrom(...DIRECTIONS), (from, boxes, direction) => {
      const to = boxes[nextFocus(from, boxes, direction)];
      if (to === undefined) return;
      const vertical = direction === 'up' || direction === 'down';
      const moved = vertical ? to.top + to.bottom - from.top - from.bottom : to.left + to.right - from.left - from.right;
      expect(direction === 'up' || direction === 'left' ? -moved : moved).toBeGreaterThan(0);
    }),
  );
});
