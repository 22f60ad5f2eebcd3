import { NOTHING_HELD, type Pad, padPresses } from './pad-presses.js';

const pad = (buttons: number[], axes: number[] = [0, 0]): Pad => ({
  buttons: Array.from({ length: 17 }, (_, i) => ({ pressed: buttons.includes(i) })),
  axes,
});

/** What looks at these pads, 100 ms apart, come to. */
function presses(...pads: Pad[]) {
  let held = NOTHING_HELD;
  return pads.map((one, i) => {
    const look = padPresses(held, one, i * 100);
    held = look.held;
    return look.presses.join(' ');
  });
}

test.each([
  [pad([0]), 'ok'],
  [pad([1]), 'back'],
  [pad([12]), 'up'],
  [pad([15]), 'right'],
  [pad([], [-1, 0]), 'left'],
  [pad([], [0.1, 0.9]), 'down'],
  [pad([], [0.3, -0.3]), ''],
  [{ buttons: [], axes: [] }, ''],
])('a press of %j is %s', (one, press) => expect(presses(one)).toEqual([press]));

test('a button counts once until it is let go', () => {
  expect(presses(pad([0]), pad([0]), pad([]), pad([0]))).toEqual(['ok', '', '', 'ok']);
});

test('a direction that stays pressed goes on, a button does not', () => {
  const looks = presses(...Array.from({ length: 10 }, () => pad([0, 13])));
  expect(looks[0]).toBe('ok down');
  expect(looks.slice(1, 5)).toEqual(['', '', '', '']);
  expect(looks.slice(5).filter((look) => look === 'down').length).toBeGreaterThanOrEqual(2);
  expect(looks.slice(1).join('')).not.toContain('ok');
});

test('the stick and the cross in the same direction are one press', () => {
  expect(presses(pad([12], [0, -1]))).toEqual(['up']);
});
