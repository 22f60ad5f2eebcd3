import { checkModule, moduleOf } from './source.js';

const caught = (work: () => unknown): { code?: string; message?: string; details?: unknown } => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return {};
};
const rate = 3;
const fetchIt = (n: number) => fetch(`http://x/${n}`);

describe('functions as modules', () => {
  test('the source becomes the default export', () => {
    expect(moduleOf((n: number) => n * n)).toBe('export default (n) => n * n;\n');
  });

  test.each<[string, (input: never) => unknown]>([
    ['an arrow', (n: number) => n + 1],
    [
      'a function',
      function twice(n: number): number {
        return n < 0 ? -twice(-n) : 2 * n;
      },
    ],
    ['an async function', async (n: number) => n],
    [
      'locals, parameters, patterns, loops',
      ({ a: [b = 1, ...c], ...d }: { a: number[] }) => {
        for (const x of c) {
          const { y = x } = d as { y?: number };
          b += y ?? 0;
        }
        try {
          throw b;
        } catch (e) {
          return e;
        }
      },
    ],
    [
      'inner functions, classes, labels and hoisting',
      (n: number) => {
        for (;;) {
          break;
        }
        return later(n);
        function later(m: number) {
          return new Inner().f(m);
        }
        class Inner {
          g = 1;
          f(x: number) {
            // biome-ignore lint/complexity/noArguments: it is what is tested
            return x + this.g + arguments.length;
          }
        }
      },
    ],
    [
      'the language and the sandbox',
      (n: number) => {
        console.log(Math.max(n, Number.NaN), JSON.stringify(new Map()));
        return new TextEncoder().encode(String(undefined)).length;
      },
    ],
    ['a question whether something is there', (n: number) => (typeof process === 'undefined' ? n : 0)],
    ['property names that are no variables', (o: { rate: number }) => ({ rate: o.rate, rete: o?.rate })],
  ])('%s is taken', (_, fn) => {
    expect(moduleOf(fn)).toContain('export default');
  });

  test.each<[string, (input: never) => unknown, string[]]>([
    ['a constant', (n: number) => n * rate, ['rate']],
    ['a function of the file', (n: number) => caught(() => n), ['caught']],
    ['in a default value', (n: number, m = rate) => n + m, ['rate']],
    ['in a shorthand property', () => ({ rate }), ['rate']],
    ['several', () => [rate, fetchIt, rate], ['rate', 'fetchIt']],
  ])('%s from outside is refused by name', (_, fn, names) => {
    const error = caught(() => moduleOf(fn));
    expect(error).toMatchObject({ code: 'closure_captured', details: { names } });
    for (const name of names) expect(error.message).toContain(`"${name}" (line 1)`);
    expect(error.message).toContain('pass it inside each input');
  });

  test('assigning to an undeclared name is refused', () => {
    expect(caught(() => checkModule('export default () => { total = 1; };'))).toMatchObject({
      code: 'closure_captured',
      details: { names: ['total'] },
    });
  });

  test('a variable of an inner block is not visible outside it', () => {
    expect(caught(() => checkModule('export default () => { { const inner = 1; } return inner; };'))).toMatchObject({
      details: { names: ['inner'] },
    });
  });

  test('what only a platform has is told apart', () => {
    const error = caught(() => moduleOf(fetchIt));
    expect(error).toMatchObject({ code: 'not_in_task', details: { names: ['fetch'] } });
    expect(error.message).toContain('no network');
  });

  test('this of the surroundings is refused, a function has its own', () => {
    expect(caught(() => checkModule('export default () => this.x;'))).toMatchObject({
      code: 'closure_captured',
      details: { names: ['this'] },
    });
    expect(caught(() => checkModule('export default () => (function () { return this; })();'))).toEqual({});
  });

  test.each<[string, (...args: never[]) => unknown, string]>([
    ['native', Math.max, 'native'],
    ['bound', ((n: number) => n).bind(null), 'native or bound'],
    [
      'a method',
      {
        double(n: number) {
          return 2 * n;
        },
      }.double,
      'method',
    ],
    ['a class', class {} as never, 'class'],
    [
      'a generator',
      function* (n: number) {
        yield n;
      },
      'generator',
    ],
  ])('%s is refused', (_, fn, word) => {
    const error = caught(() => moduleOf(fn));
    expect(error.code).toBe('not_a_plain_function');
    expect(error.message).toContain(word);
  });

  test('the helper that esbuild and tsx leave in functions is brought along', () => {
    const fn = new Function('__name', 'return (n) => { const inner = __name((m) => m, "inner"); return inner(n); };')() as (
      n: number,
    ) => number;
    const module = moduleOf(fn);
    expect(module.startsWith('export default (n) =>')).toBe(true);
    expect(module).toContain('var __name =');
  });
});

describe('modules', () => {
  test.each([
    ['export default (n) => n;', undefined],
    ['const k = 2; export default function (n) { return helper(n) * k; }\nfunction helper(n) { return n; }', undefined],
    ['const handler = (n) => n; export { handler as default };', undefined],
    ['const a = 1;', 'no_handler'],
    ['export const a = "default";', 'no_handler'],
    ['export default class {}', 'no_handler'],
    ['export default function* () {}', 'no_handler'],
    ['export default { n: 1 };', 'no_handler'],
    ['export default 5;', 'no_handler'],
    ['import fs from "node:fs"; export default () => fs;', 'imports_refused'],
    ['export default async () => import("x");', 'imports_refused'],
    ['export { default } from "./other.js";', 'imports_refused'],
    ['export default (', 'not_javascript'],
    ['export default () => rate;', 'closure_captured'],
  ])('%s → %s', (source, code) => {
    expect(caught(() => checkModule(source)).code).toBe(code);
  });

  test('say the line of what is wrong', () => {
    expect(caught(() => checkModule('export default (n) =>\n  n + rate;'))).toMatchObject({
      message: expect.stringContaining('"rate" (line 2)'),
      details: { names: ['rate'], line: 2, column: 7 },
    });
    expect(caught(() => checkModule('export default (n) =>\n  n +* 2;'))).toMatchObject({
      message: expect.stringContaining('(line 2).'),
      details: { line: 2, column: 6 },
    });
    expect(caught(() => checkModule('export default () =>\n  import("x");')).message).toContain('imports "x" (line 2)');
  });
});
