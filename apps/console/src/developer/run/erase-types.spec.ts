import { transformSync } from 'amaro';
import { eraseTypes } from './erase-types.js';

const SOURCES = [
  'export default (n: number): number => n * n;',
  'interface A { x: number }\ntype B = A | null;\nexport default (a: A, b?: B) => (a as unknown as { y: string }).y!.length;',
  'export default <T,>(input: T[], ...rest: string[]): Map<string, T> => new Map<string, T>();',
  'function over(a: string): void;\nfunction over(a: any) { return a; }\nexport default over;',
  'class C<T> extends Object implements A, B { private readonly x: number = 1; y!: string; declare z: number; static override m<T>(this: C<T>, x: T): x is T { return true } }\nexport default () => new C<number>();',
  'export default async function f({ p, q }: { p: number; q: string[] }): Promise<void> { try { let a: number | undefined; for (const x of q as string[]) a = x.length satisfies number; } catch (e: unknown) {} }',
  'declare const g: number;\nexport default () => { const o = { a: 1 as const, fn(x: number): void {} }; return o!.a < 2 && o.a > 0; };',
  'abstract class D { abstract foo(): void; bar(): number { return 1 } }\nexport default () => D;',
];

/** The same as code; how blanks are left is nobody's business. */
const plain = (code: string) => code.replace(/[\s;]+/g, '');

test.each(SOURCES)('leaves what Node.js leaves of %s', (source) => {
  const erased = eraseTypes(source);
  expect(plain(erased)).toBe(plain(transformSync(source, { mode: 'strip-only' }).code));
  expect(erased).toHaveLength(source.length);
  expect(erased.split('\n')).toHaveLength(source.split('\n').length);
});

test('plain JavaScript stays as it is', () => {
  const source = 'export default (input) => {\n  const o = input ?? { a: [1, 2] };\n  return o.a?.map((x) => (x > 1 ? x : -x));\n};';
  expect(eraseTypes(source)).toBe(source);
});

test.each([
  ['enum Colour { Red }', 'an enum'],
  ['namespace N { export const a = 1; }', 'a namespace'],
  ['class A { constructor(public a: number) {} }', 'a parameter property'],
])('refuses %s, naming its place', (source, what) => {
  expect(() => eraseTypes(`\n  ${source}`)).toThrow(
    expect.objectContaining({ code: 'more_than_types', details: { line: 2, column: expect.any(Number) } }),
  );
  expect(() => eraseTypes(source)).toThrow(what);
});
