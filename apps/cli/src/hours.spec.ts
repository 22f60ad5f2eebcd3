import { hoursText, parseHours } from './hours.js';

test.each([
  ['mon-fri 22-6 0.0005', [1, 2, 3, 4, 5], 22, 6, 500n],
  ['daily 0-24 1', [1, 2, 3, 4, 5, 6, 7], 0, 24, 1_000_000n],
  ['SAT-MON 9-17 0.01', [1, 6, 7], 9, 17, 10_000n],
  ['wed,mon,wed 9-10 0', [1, 3], 9, 10, 0n],
])('%s', (text, weekdays, fromHour, toHour, price) => {
  const hours = parseHours(text);
  expect(hours).toEqual({ weekdays, fromHour, toHour, price });
  expect(parseHours(hoursText({ weekdays, from_hour: fromHour, to_hour: toHour, price_micro: price }))).toEqual(hours);
});

test.each([
  ['', /not a price by the hour/],
  ['mon 9-17', /digits/],
  ['mon 9 0.1', /not a price by the hour/],
  ['mon 9-17 0.1 more', /not a price by the hour/],
  ['moon 9-17 0.1', /"moon" is neither/],
  ['mon 9-9 0.1', /another hour/],
  ['mon 24-9 0.1', /begin at 0 to 23/],
  ['mon 0-25 0.1', /end at 1 to 24/],
  ['mon 9-17 -1', /not an amount/],
])('%p is refused', (text, message) => {
  expect(() => parseHours(text)).toThrow(message);
});
