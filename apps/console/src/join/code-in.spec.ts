import { codeIn } from './code-in.js';

test.each([
  ['#Zm9vYmFyYmF6cXV4-_12345678', 'Zm9vYmFyYmF6cXV4-_12345678'],
  ['', null],
  ['#', null],
  ['#short', null],
  ['#with spaces and more text', null],
  ['#<script>alert(1)</script>', null],
  [`#${'a'.repeat(129)}`, null],
])('of the fragment %j the code is %j', (fragment, code) => expect(codeIn(fragment)).toBe(code));
