import { duration, hours, shareOrOff, slotsOrOff, tariff, threshold } from './parse.js';

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h30m', 5_400_000],
  ['2 d', 172_800_000],
  ['10min', 600_000],
])('the time %s', (text, ms) => expect(duration(text)).toBe(ms));

test.each(['', '5', 'h', '1x', '-1h', '1h-'])('no time: "%s"', (text) => expect(() => duration(text)).toThrow('such as 90s'));

test.each([
  ['mon-fri 22-6', { weekdays: [1, 2, 3, 4, 5], from_minute: 1_320, to_minute: 360 }],
  ['sat-mon 0-24', { weekdays: [1, 6, 7], from_minute: 0, to_minute: 1_440 }],
  ['Daily 9:30-17', { weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 570, to_minute: 1_020 }],
])('the hours %s', (text, expected) => expect(hours(text)).toEqual(expected));

test.each(['mon', 'mon 8', 'mon 8-8', 'mon 24-3', 'mon 3-25', 'mon 8:60-9', 'someday 1-2', 'mon 1-2 3'])('no hours: "%s"', (text) =>
  expect(() => hours(text)).toThrow(),
);

test('a tariff', () => expect(tariff('daily 22-6 0.18')).toMatchObject({ from_minute: 1_320, price: 0.18 }));
test.each(['0.18', 'daily 22-6', 'daily 22-6 dear'])('no tariff: "%s"', (text) => expect(() => tariff(text)).toThrow());

test.each([
  ['80', { leave: 0.8, enter: 0.83 }],
  ['80%:90%', { leave: 0.8, enter: 0.9 }],
  ['99', { leave: 0.99, enter: 1 }],
  ['off', null],
])('the battery at least %s', (text, expected) => expect(threshold(100, 0, 100, 3)(text)).toEqual(expected));

test.each(['', 'warm', '80:70', '101', '1:2:3'])('no battery: "%s"', (text) =>
  expect(() => threshold(100, 0, 100, 3)(text)).toThrow('80:85'),
);
test('the other way round, for what must not be above', () => {
  expect(threshold(1, -20, 120, -3)('40')).toEqual({ leave: 40, enter: 37 });
  expect(() => threshold(1, -20, 120, -3)('40:45')).toThrow('40:35');
});

test('slots and shares', () => {
  expect([slotsOrOff('2'), slotsOrOff('off'), shareOrOff('50%'), shareOrOff('off')]).toEqual([2, null, 0.5, null]);
});
test.each(['', '0', '1.5', '101', 'many'])('no share: "%s"', (text) => expect(() => shareOrOff(text)).toThrow('1 to 100'));
