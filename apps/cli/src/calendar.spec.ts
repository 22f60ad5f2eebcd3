import { calendar } from './calendar.js';

test('a row for each week, a bar as high as the day’s amount beside the largest, nothing before today', () => {
  const amounts = new Map([
    ['2026-11-26', 800n],
    ['2026-11-29', 100n],
    ['2026-12-02', 401n],
  ]);
  expect(calendar(amounts, '2026-11-25').split('\n')).toEqual([
    '         Mo   Tu   We   Th   Fr   Sa   Su',
    '2026-11            25   26█  27   28   29▁',
    '2026-11  30   01   02▅  03   04   05   06',
  ]);
});

test('nothing is held: this week; what is years away does not draw years', () => {
  expect(calendar(new Map(), '2026-11-30').split('\n')).toHaveLength(2);
  expect(calendar(new Map([['2031-01-01', 1n]]), '2026-11-30').split('\n')).toHaveLength(7);
});
