import { bytes, countdown, duration, moneyParts, percent } from './format.js';

test.each([
  [0n, '$0.00', ''],
  [412n, '$0.00', '0412'],
  [10_000n, '$0.01', ''],
  [1_234_567n, '$1.23', '4567'],
  [1_234_500n, '$1.23', '45'],
  [999_999n, '$0.99', '9999'],
  [1_234_000_000n, '$1,234.00', ''],
])('%d micro-units are drawn as %s and a small %s: never rounded', (micro, before, tail) => {
  expect(moneyParts(micro, 'USD', 'en')).toEqual({ before, tail, after: '', whole: before + tail });
});

test('fractions of a cent come before a currency that is written behind', () => {
  const { whole, after } = moneyParts(412n, 'EUR', 'de');
  expect([whole.replace(/\s/, ' '), after.trim()]).toEqual(['0,000412 €', '€']);
});

test.each([
  [0, '0 ms'],
  [180.4, '180 ms'],
  [1_240, '1.2 s'],
  [42_300, '42 s'],
  [90_000, '1 min 30 sec'],
  [3_900_000, '1 hr 5 min'],
  [90_000_000, '1 day 1 hr'],
])('%d ms last %s', (ms, text) => expect(duration(ms, 'en')).toBe(text));

test.each([
  [-5, '0:00'],
  [1, '0:01'],
  [247_000, '4:07'],
  [3_727_000, '1:02:07'],
])('%d ms are left as %s', (ms, text) => expect(countdown(ms)).toBe(text));

test.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1_500, '1.5 kB'],
  [812_400, '812 kB'],
  [12_345_678, '12.3 MB'],
  [5e12, '5,000 GB'],
])('%d bytes are %s', (count, text) => expect(bytes(count, 'en')).toBe(text));

test('small shares keep a digit', () => {
  expect([0, 0.004, 0.5].map((share) => percent(share, 'en'))).toEqual(['0%', '0.4%', '50%']);
});
