import { searchOf, withFilters } from './search.js';

test('an address gives words, and nothing that is no word', () => {
  expect(searchOf({ q: 'a', limit: 3, connected: true, none: '', list: ['x'], nested: {}, missing: null })).toEqual({
    q: 'a',
    limit: '3',
    connected: 'true',
  });
});

test('a filter that is cleared is gone', () => {
  expect(withFilters({ q: 'a', kind: 'phone' }, { kind: null, presence: 'busy', q: '' })).toEqual({ presence: 'busy' });
});
