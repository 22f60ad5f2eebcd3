import { PAGE_FUEL } from '../meter/weights.js';
import { runJs, sharedRuntime, thrownBy } from '../node/testing/support.js';
import { PAGE_BYTES } from '../runtime/engine.js';

const load = (source: string) =>
  thrownBy(() => sharedRuntime().load({ kind: 'javascript', codec: 'json', bytes: new TextEncoder().encode(source) }));
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a JavaScript handler', () => {
  test('maps JSON to JSON', () => {
    expect(runJs('export default ({ n }) => ({ square: n * n })', { n: 7 })).toMatchObject({
      verdict: 'ok',
      exit_code: 0,
      text: '{"square":49}',
    });
    expect(runJs('export default (x) => x', 'é\u0000\ud83d\ude00').text).toBe(JSON.stringify('é\u0000\ud83d\ude00'));
    expect(runJs('export default () => undefined').text).toBe('null');
  });

  test('maps bytes to bytes or text', () => {
    expect([...runJs('export default (b) => b.map((x) => 255 - x)', Uint8Array.of(0, 1, 255)).output]).toEqual([255, 254, 0]);
    expect(runJs('export default (b) => new TextDecoder().decode(b).toUpperCase()', bytes('abcé')).text).toBe('ABCÉ');
    expect([...runJs('export default (b) => b.subarray(1, 3)', Uint8Array.of(1, 2, 3, 4)).output]).toEqual([2, 3]);
    expect([...runJs('export default (b) => new Uint16Array([1, 2]).buffer', bytes('')).output]).toEqual([1, 0, 2, 0]);
    expect(runJs('export default () => 5', bytes('')).detail).toContain('must return a Uint8Array or a string');
  });

  test('may be asynchronous, with timers by the virtual clock', () => {
    const source =
      'export default async (n) => { const t = Date.now(); await new Promise((r) => setTimeout(r, 3600e3)); return Math.round((Date.now() - t) / 3600e3) + n; }';
    const started = performance.now();
    expect(runJs(source, 1).text).toBe('2');
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(runJs('export default () => ({ then(resolve) { resolve(5); } })').text).toBe('5');
    expect(runJs('export default () => new Promise(() => {})')).toMatchObject({
      verdict: 'trap',
      detail: expect.stringContaining('never settles'),
    });
  });

  test('tells its errors with the line and column they come from', () => {
    expect(runJs('export default (x) => {\n\n  return x.name.first;\n}', {})).toMatchObject({
      verdict: 'trap',
      detail: "TypeError: cannot read property 'first' of undefined (task.js:3:10)",
    });
    expect(runJs('class Broken extends Error {}\nexport default async () => {\n  await null;\n  throw new Broken("so");\n}').detail).toBe(
      'Error: so (task.js:4:13)',
    );
    expect(runJs('export default () => { throw "text"; }').detail).toBe('text');
    expect(runJs('export default () => { throw { toString() { throw 1; } }; }').verdict).toBe('trap');
    expect(runJs('export default () => Symbol("x")').detail).toContain('returned a symbol');
    expect(runJs('export default (x) => { const o = {}; o.o = o; return o; }').detail).toMatch(/^TypeError: circular/);
  });

  test.each([
    ['does not parse', 'export default\n  (n => ', 2, 'SyntaxError'],
    ['throws at its top level', 'const a = 1;\nmissing();\nexport default () => 1', 2, 'ReferenceError: missing is not defined'],
    ['has no default export', 'export const f = 1;', undefined, 'must "export default" a function'],
    ['exports something else', 'export default 5', undefined, 'must "export default" a function'],
    ['imports another module', 'import fs from "fs";\nexport default () => 1', undefined, 'could not load module'],
    ['never ends at its top level', 'for (;;);\nexport default () => 1', undefined, 'out-of-fuel'],
    ['waits forever at its top level', 'await new Promise(() => {});\nexport default () => 1', undefined, 'never happens'],
  ])('is refused when it %s', (_, source, line, reason) => {
    const error = load(source);
    expect(error.code).toBe('module_refused');
    expect(error.message).toContain(reason);
    expect(error.details?.line).toBe(line);
  });

  test('leaves nothing behind for the next task', () => {
    const source =
      'let calls = 0; const seen = []; export default (x) => { seen.push(x); globalThis.mark = (globalThis.mark ?? 0) + 1; Array.prototype.evil = 1; return [++calls, seen, globalThis.mark, [].evil]; }';
    const first = runJs(source, 'a');
    expect(first.text).toBe('[1,["a"],1,1]');
    expect(runJs(source, 'b').text).toBe('[1,["b"],1,1]');
    expect(runJs(source, 'a')).toEqual(first);
    runJs('export default () => { const hog = []; for (let i = 0; i < 5e4; i++) hog.push(new Array(50)); return hog.length; }');
    expect(runJs(source, 'a')).toEqual(first);
  });

  test('sees a seed, arguments and a fixed clock', () => {
    const source =
      'export default (_, ctx) => [ctx.args, ctx.seed, Date.now(), Math.random(), ctx.random(), [...crypto.getRandomValues(new Uint8Array(3))]]';
    const one = runJs(source, null, {}, { seed: 'x', args: ['a'], clock_ms: 5000 });
    expect(JSON.parse(one.text).slice(0, 3)).toEqual([['a'], 'x', 5000]);
    expect(runJs(source, null, {}, { seed: 'x', args: ['a'], clock_ms: 5000 })).toEqual(one);
    expect(runJs(source, null, {}, { seed: 'y', args: ['a'], clock_ms: 5000 }).text).not.toBe(one.text);
  });

  test('writes its console to the logs', () => {
    const source =
      'export default () => { console.log("a", 1, { b: [2n === 2n] }, null, undefined); console.error(new RangeError("no").message); console.assert(false, "x"); }';
    expect(runJs(source).logs).toBe('a 1 {"b":[true]} null undefined\nno\nAssertion failed: x\n');
    expect(runJs('export default () => { for (let i = 0; i < 1000; i++) console.log(i); }', null, { log_bytes: 12 }).logs).toBe(
      '997\n998\n999\n',
    );
  });

  test('is not moved by what a module does to the language', () => {
    const source =
      'JSON.parse = () => 1; JSON.stringify = () => "forged"; Promise.prototype.then = null; Math.imul = null; Object.freeze = null; export default async (x) => ({ x });';
    expect(runJs(source, 5).text).toBe('{"x":5}');
  });

  test('costs the same to the unit every time', () => {
    const source = 'export default (n) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; }';
    const { fuel_used } = runJs(source, 1000);
    for (let i = 0; i < 5; i++) expect(runJs(source, 1000).fuel_used).toBe(fuel_used);
    expect(runJs(source, 1000, { fuel: fuel_used }).verdict).toBe('ok');
    expect(runJs(source, 1000, { fuel: fuel_used - 1n })).toMatchObject({ verdict: 'out-of-fuel', output: new Uint8Array(0) });
  });

  test('copies data as the web does', () => {
    const source =
      'export default () => { const a = { m: new Map([[1, { d: new Date(5) }]]), s: new Set([2]), b: new Uint8Array([1, 2]) }; a.self = a; const c = structuredClone(a); return [c !== a, c.self === c, c.m.get(1).d.getTime(), c.s.has(2), [...c.b]]; }';
    expect(runJs(source).text).toBe('[true,true,5,true,[1,2]]');
    expect(runJs('export default () => structuredClone(() => 1)').detail).toContain('cannot be cloned');
  });

  test('costs no parsing when it is warm, however long it is: only the pages of memory that it starts from', () => {
    const part = (i: number) =>
      `function part${i}(n) { const o = { n, k: ${i} }; for (let i = 0; i < n; i++) o.k += i; return [o.k, "part ${i}"]; }\n`;
    const square = 'export default (n) => n * n;';
    const bundle = Array.from({ length: 9200 }, (_, i) => part(i)).join('') + square;
    expect(bundle.length).toBeGreaterThan(2 ** 20);
    const timed = (source: string) => {
      const started = performance.now();
      const ran = runJs(source, 7, { memory_bytes: 64 * 2 ** 20 }); // the first call of a source reads it, the later ones find it
      return { ran, ms: performance.now() - started };
    };
    const [small, large] = [timed(square), timed(bundle)];
    const again = timed(bundle);
    expect(again.ran).toEqual(large.ran);
    expect(again.ran).toMatchObject({ verdict: 'ok', text: '49' });
    const pages = (large.ran.memory_peak_bytes - small.ran.memory_peak_bytes) / PAGE_BYTES;
    expect(Math.abs(Number(again.ran.fuel_used - small.ran.fuel_used) - pages * PAGE_FUEL)).toBeLessThan(PAGE_FUEL);
    expect(again.ms).toBeLessThan(large.ms / 4);
  });
});
