import { type Section, search } from './search.js';

const section = (heading: string, text: string, page = 'Money'): Section => ({ address: `/docs/x#${heading}`, page, heading, text });
const SECTIONS = [
  section('Payouts', 'What was earned is held, then payable. A payout leaves once the threshold is reached.'),
  section('Held', 'Money is held before work starts, so that no payout is ever owed by nobody.'),
  section('Settings', 'HEAP_PAYOUT_DAILY_LIMIT_MICRO bounds what leaves in a day.', 'Configuration'),
];
const found = (query: string) => search(SECTIONS, query).map(({ section: { heading } }) => heading);

test.each([
  ['a heading outweighs a mention', 'payout', ['Payouts', 'Held', 'Settings']],
  ['every word must be there', 'payout threshold', ['Payouts']],
  ['a beginning is enough, in any case', 'THRESH', ['Payouts']],
  ['the end of a word is not', 'old', []],
  ['a setting is found by its name', 'HEAP_PAYOUT', ['Settings']],
  ['the page’s title counts', 'configuration', ['Settings']],
  ['signs are no words', '( . * [', []],
  ['nothing asks for nothing', '', []],
])('%s', (_, query, headings) => {
  expect(found(query)).toEqual(headings);
});

test('an excerpt has the words found, and begins near the first', () => {
  const long = section('Long', `${'word '.repeat(100)}needle ${'hay '.repeat(100)}`);
  const [{ excerpt } = { excerpt: [] }] = search([long], 'need');
  expect(excerpt.filter((part) => part.found)).toEqual([{ text: 'needle', found: true }]);
  const text = excerpt.map((part) => part.text).join('');
  expect(text.startsWith('… word')).toBe(true);
  expect(text.endsWith(' …')).toBe(true);
  expect(text.length).toBeLessThan(200);
});
