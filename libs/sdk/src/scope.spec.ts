import { parse } from 'acorn';
import { freeVariables, outerThis } from './scope.js';

const program = (source: string) => parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
const free = (source: string) => freeVariables(program(source)).map(({ name, line, column }) => `${name}:${line}:${column}`);

test.each<[what: string, source: string, free: string[]]>([
  ['a parameter hides the outer name', '(rate) => rate', []],
  ['and only where it is', '((rate) => rate)(rate)', ['rate:1:18']],
  ['an inner block hides it until it ends', '() => { { let a = 1; a; } a; }', ['a:1:27']],
  ['a var reaches the whole function', '() => { if (1) { var a = 1; } return a; }', []],
  ['a let of a loop does not outlive it', '() => { for (let i = 0; i < 1; i++); return i; }', ['i:1:45']],
  ['for of and for in declare', '(o) => { for (const [k, { v = k }] of o) v; for (const i in o) i; }', []],
  ['patterns declare values, not keys', '({ a: b, ...c }) => [a, b, c]', ['a:1:22']],
  ['computed keys are used', '({ [key]: value }) => value', ['key:1:5']],
  ['defaults may use earlier parameters', '(a, b = a) => b', []],
  ['but not what the body declares', '(a = b) => { var b = 1; return a + b; }', ['b:1:6']],
  ['or what is outside', '({ a = one } = two) => a', ['one:1:8', 'two:1:16']],
  ['shorthand properties are used', '() => ({ rate })', ['rate:1:10']],
  ['assigning is using', '() => { [a, b.c] = [1]; ({ d } = {}); e++; f += 1; }', ['a:1:10', 'b:1:13', 'd:1:28', 'e:1:39', 'f:1:44']],
  ['labels are no variables', '() => { outer: for (;;) { for (;;) { continue outer; } } }', []],
  ['what catch catches', '() => { try { x; } catch ({ message }) { message; } message; }', ['x:1:15', 'message:1:53']],
  ['catch without a name', '() => { try { } catch { e; } }', ['e:1:25']],
  ['a class and its members', '() => { class A { static s = A; #p = 1; m() { return this.#p + new A().m(); } } return A; }', []],
  ['what it extends and computes', 'export default () => class B extends Base { [name]() { return B; } }', ['Base:1:38', 'name:1:46']],
  ['static blocks', '() => class { static { var a = b; a; } }', ['b:1:32']],
  ['a named function expression', '() => function f(n) { return n ? f(n - 1) : g; }', ['g:1:45']],
  ['functions are hoisted', '() => { return f(); function f() { return g; } }', ['g:1:43']],
  ['functions of blocks stay there', '() => { { function f() {} } f(); }', ['f:1:29']],
  ['async and generators', '() => { async function* a() { for await (const x of xs) yield* x; } return a; }', ['xs:1:53']],
  ['arguments belong to functions, not to arrows', '[function () { return arguments; }, () => arguments]', ['arguments:1:43']],
  ['member and optional names are no variables', '(o) => o.a?.b[c]', ['c:1:15']],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source
  ['tagged templates', '(x) => tag`${x}${y}`', ['tag:1:8', 'y:1:18']],
  ['new.target and import.meta are no variables', 'function f() { return [new.target, import.meta]; }', []],
  ['imports declare', 'import a, { b as c } from "x"; import * as d from "y"; a; b; c; d;', ['b:1:59']],
  ['exports of locals', 'const a = 1; export { a as b }; export default a;', []],
  ['a switch is one scope', '(n) => { switch (n) { case 1: let a; default: a; } a; }', ['a:1:52']],
  ['typeof alone asks', '() => typeof window', []],
  ['typeof of a member uses', '() => typeof window.x', ['window:1:14']],
  ['guarded by a condition', '() => typeof process === "undefined" ? 0 : process.pid', []],
  ['guarded by and', '() => typeof process !== "undefined" && process.pid', []],
  ['guarded by if', '() => { if (typeof process !== "undefined") { return () => process.pid; } }', []],
  ['guarded by a question that leaves', '() => { if (typeof process === "undefined") { return 0; } return process.pid; }', []],
  [
    'not guarded by one that stays',
    '() => { if (typeof process === "undefined") console; return process.pid; }',
    ['console:1:45', 'process:1:61'],
  ],
  ['not guarded by another name', '() => typeof window !== "undefined" && process.pid', ['process:1:40']],
  ['not guarded before the question', '() => process.pid && typeof process', ['process:1:7']],
  ['lines and columns', '(n) =>\n  n *\n  rate', ['rate:3:3']],
])('%s', (_, source, names) => {
  expect(free(source)).toEqual(names);
});

test.each<[string, { line: number; column: number } | null]>([
  ['() => this.x', { line: 1, column: 7 }],
  ['() =>\n  [() => this]', { line: 2, column: 10 }],
  ['() => function () { return () => this; }', null],
  ['() => ({ m() { return this; } })', null],
  ['() => class { a = this; static { this.b = 1; } }', null],
])('this around %s', (source, place) => {
  expect(outerThis(program(source))).toEqual(place);
});
