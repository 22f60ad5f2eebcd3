import { relativeTime } from './times.js';

test.each([
  [0, 'now'],
  [-59_999, 'now'],
  [-60_000, '1 minute ago'],
  [119_999, 'in 1 minute'],
  [-7_200_000, '2 hours ago'],
  [86_400_000, 'tomorrow'],
  [-40 * 86_400_000, 'last month'],
  [-800 * 86_400_000, '2 years ago'],
])('%d ms is %s', (ms, words) => {
  expect(relativeTime(ms, 'en')).toBe(words);
});
