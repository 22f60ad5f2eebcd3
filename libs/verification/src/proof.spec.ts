import { prove } from './proof.js';
import { claim } from './testing/standings.js';

test.each<[string, [string, string][], string, string, string]>([
  [
    'both right',
    [
      ['n', 'a'],
      ['m', 'a'],
    ],
    'n m',
    '',
    '',
  ],
  [
    'one wrong',
    [
      ['n', 'a'],
      ['m', 'b'],
    ],
    'n',
    'm',
    '',
  ],
  [
    'both wrong, each in its way',
    [
      ['n', 'c'],
      ['m', 'b'],
    ],
    '',
    'n m',
    '',
  ],
  [
    'both wrong in the same way',
    [
      ['n', 'b'],
      ['m', 'b'],
    ],
    '',
    '',
    'n m',
  ],
  [
    'two liars and one who erred',
    [
      ['n', 'b'],
      ['m', 'b'],
      ['o', 'c'],
      ['p', 'a'],
    ],
    'p',
    'o',
    'n m',
  ],
])('against the truth a: %s', (_, executions, confirms, wrong, lied) => {
  const proof = prove(
    executions.map(([node, output]) => ({ node, claim: claim(output) })),
    claim('a'),
  );
  expect([proof.right.join(' '), proof.wrong.join(' '), proof.lied.join(' ')]).toEqual([confirms, wrong, lied]);
}); // prettier-ignore
