import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HTTP_LIMITS } from '#protocol';
import type { HeapError } from '#units';
import { checkWork } from './module.js';
import { inOwnPlaces, logsInOwnPlaces } from './places.js';
import { readTask } from './task-file.js';

const folder = mkdtempSync(join(tmpdir(), 'heap tasks '));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const refused = async (path: string): Promise<HeapError> => {
  try {
    checkWork(await readTask(path));
  } catch (error) {
    return error as HeapError;
  }
  throw new Error('it was taken');
};

/** Where the sent source has a word, as an engine says it, and as the developer shall read it. */
const told = ({ module, places }: Awaited<ReturnType<typeof readTask>>, word: string) => {
  const before = String(module).split(word)[0] ?? '';
  const line = before.split('\n').length;
  return inOwnPlaces(`(task.js:${line}:${before.length - before.lastIndexOf('\n')})`, places);
};

describe('a TypeScript file', () => {
  test('loses its types and keeps its places', async () => {
    const task = await readTask(
      file(
        'plain.ts',
        'interface In { n: number }\n\nexport default ({ n }: In): number => {\n  return mark(n) as number;\n};\nconst mark = (n: number) => n;\n',
      ),
    );
    expect(task).toMatchObject({
      name: 'plain.ts',
      module: expect.stringContaining('export default ({ n }    )         => {\n  return mark(n)'),
    });
    expect(told(task, 'mark(n)')).toBe('(plain.ts:4:10)');
    expect(() => checkWork(task)).not.toThrow();
  });

  test.each<[string, string, string, RegExp]>([
    [
      'enum',
      'const a = 1;\nenum Colour { Red }\nexport default () => a;',
      'more_than_types',
      /^enum\.ts:2 has an enum, .* `const Colour = /,
    ],
    [
      'namespace',
      'namespace N { export const a = 1; }\nexport default () => N.a;',
      'more_than_types',
      /^namespace\.ts:1 has a namespace with values/,
    ],
    [
      'property',
      'class A {\n  constructor(private a: number) {}\n}\nexport default () => new A(1);',
      'more_than_types',
      /^property\.ts:2 has a parameter property/,
    ],
    ['cast', 'export default (n: unknown) =>\n  <number>n;', 'more_than_types', /^cast\.ts:2 has `<T>value`, .* `value as T`/],
    ['equals', 'import fs = require("fs");\nexport default () => fs;', 'more_than_types', /^equals\.ts:1 has `import x = \.\.\.`/],
    ['wrong', '\nexport default (n: ) => n;', 'not_typescript', /^wrong\.ts:2 is not TypeScript: /],
    [
      'closure',
      'export default (n: number): number =>\n\n  n * rate;',
      'closure_captured',
      /"rate" \(closure\.ts:3\), defined outside it\..* define it in the file/,
    ],
    [
      'reach',
      'type A = typeof process;\nexport default (): string =>\n  process.argv[0] as string;',
      'not_in_task',
      /"process" \(reach\.ts:3\)/,
    ],
    ['nothing', 'export const a: number = 1;', 'no_handler', /no default export/],
  ])('%s is refused with its line and a way out', async (name, source, code, sentence) => {
    const error = await refused(file(`${name}.ts`, source));
    expect(error.message).toMatch(sentence);
    expect(error).toMatchObject({ code, fault: 'developer' });
  });
});

describe('a file that imports', () => {
  test('is bundled, with places in the files that it was written in', async () => {
    file(
      'lib/half.ts',
      'export enum Side { Left, Right }\n\nexport function half(n: number): number {\n  return checked(n) / 2;\n}\nconst checked = (n: number) => n;\n',
    );
    file('lib/table.json', '{"two": 2}');
    const task = await readTask(
      file(
        'main.ts',
        'import { half, Side } from "./lib/half.js";\nimport table from "./lib/table.json";\nexport default (n: number): number => {\n  return half(n) + table.two + Side.Right;\n};\n',
      ),
    );
    expect(() => checkWork(task)).not.toThrow();
    expect(told(task, 'checked(n) / 2')).toBe('(lib/half.ts:4:10)');
    expect(told(task, 'half(n) +')).toBe('(main.ts:4:10)');
    expect(logsInOwnPlaces('task.js:1:1\n    at f (task.js:9999:1)\n', task.places)).toBe('task.js:1:1\n    at f (task.js:9999:1)\n');
  });

  test('sees packages made for browsers and Node.js alike, that ask before they reach', async () => {
    file('node_modules/old/package.json', '{"main":"index.js"}');
    file(
      'node_modules/old/index.js',
      "module.exports = { where: () => (typeof process !== 'undefined' && process.platform) || typeof window };",
    );
    const task = await readTask(file('package.js', 'import old from "old";\nexport default () => old.where();\n'));
    expect(() => checkWork(task)).not.toThrow();
  });

  test.each<[string, string, string, string | RegExp]>([
    [
      'fs',
      'const a = 1;\nimport fs from "node:fs";\nexport default () => fs;',
      'imports_refused',
      /^fs\.ts:2 imports "node:fs", which is a part of Node\.js/,
    ],
    [
      'bare',
      'import path from "path";\nexport default () => path;',
      'imports_refused',
      /^bare\.ts:1 imports "path", which is a part of Node\.js/,
    ],
    [
      'missing',
      'import x from "./not-there.js";\nexport default () => x;',
      'imports_refused',
      /^missing\.ts:1 imports "\.\/not-there\.js", which is not there/,
    ],
    ['broken', 'import x from "./sub/broken.ts";\nexport default () => x;', 'not_javascript', /^sub\/broken\.ts:2 cannot be bundled: /],
    ['reaches', 'import { get } from "./sub/get.ts";\nexport default () => get();', 'not_in_task', /"fetch" \(sub\/get\.ts:2\)/],
  ])('%s is refused at the line that is at fault', async (name, source, code, sentence) => {
    file('sub/broken.ts', 'export const a: number = 1;\nexport default a +;\n');
    file('sub/get.ts', 'export const get = () =>\n  fetch("http://x");\n');
    const error = await refused(file(`${name}.ts`, source));
    expect(error.message).toMatch(sentence);
    expect(error.code).toBe(code);
  });

  test('and makes too much says how much is allowed and what is large', async () => {
    file('big.json', JSON.stringify({ text: 'x'.repeat(HTTP_LIMITS.source_bytes) }));
    const error = await refused(file('large.ts', 'import big from "./big.json";\nexport default () => big;'));
    expect(error.code).toBe('module_too_large');
    expect(error.message).toMatch(
      /^large\.ts and what it imports make 41\d{5} bytes; a heap takes 4194304 of JavaScript\. The largest: big\.json 41\d{5}/,
    );
  });
});

test('other files are taken as bytes', async () => {
  const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  expect(await readTask(file('a.wasm', bytes))).toEqual({ module: bytes, name: 'a.wasm' });
  expect((await refused(file('a.txt', 'hello there'))).code).toBe('not_javascript');
  expect((await refused(file('empty.ts', ''))).code).toBe('not_a_module');
});
