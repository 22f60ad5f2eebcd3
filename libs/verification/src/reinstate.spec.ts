import { reinstated } from './reinstate.js';
import { confirmed, disproved, NEWCOMER, type Standing } from './standing.js';
import { after, right } from './testing/standings.js';

const lived = (from: Standing, checks: string): Standing =>
  [...checks].reduce((standing, one) => (one === 'x' ? disproved(standing) : confirmed(standing)), from);

test.each([
  ['nothing since', 30, '', ''],
  ['right since', 30, '....', '....'],
  ['wrong since', 30, '..x..', '..x..'],
  ['the first result of a newcomer', 0, '...', '...'],
])('a proof that was wrong, %s: as if the result had been confirmed', (_, confirmed_before, since, otherwise) => {
  const before = confirmed_before === 0 ? NEWCOMER : after(right(confirmed_before));
  const now = lived(disproved(before), since);
  expect(reinstated(before, now)).toEqual(lived(confirmed(before), otherwise));
});
