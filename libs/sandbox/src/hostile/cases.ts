import type { RunLimits, Verdict } from '../port.js';
import { FILE_CASES, type FileCase } from './file-cases.js';

/**
 * What a hostile or broken task may try, and what must come of it. `ends` is the verdict; 'contained' means that the task may end by itself in
 * any way that harms nobody, having got nothing. `defence` says which part of the sandbox stops it.
 */
export interface HostileCase {
  name: string;
  defence:
    | FileCase['defence']
    | 'fuel'
    | 'stack'
    | 'memory'
    | 'caps'
    | 'imports'
    | 'wasi'
    | 'output'
    | 'language'
    | 'isolation'
    | 'instrumentation';
  kind: 'wasm' | 'javascript';
  /** WebAssembly text, or JavaScript. */
  source: string;
  ends: Verdict | 'contained';
  /** The output, where it proves something. */
  output?: string;
  limits?: Partial<RunLimits>;
  /** Input files by path, as text. */
  files?: Readonly<Record<string, string>>;
}

const wasi = (uses: string[], body: string, more = '') =>
  `(module ${uses.map((use) => `(import "wasi_snapshot_preview1" ${use})`).join(' ')} (memory (export "memory") 1) ${more} (func (export "_start") ${body}))`;
const WRITE = '"fd_write" (func $write (param i32 i32 i32 i32) (result i32))';
const start = (body: string, more = '') => `(module ${more} (func (export "_start") ${body}))`;

const wasmCases: Omit<HostileCase, 'kind'>[] = [
  { name: 'an endless loop', defence: 'fuel', source: start('(loop (br 0))'), ends: 'out-of-fuel' },
  {
    name: 'an endless loop through a branch table',
    defence: 'fuel',
    source: start('(loop (br_table 0 0 0 (i32.const 1)))'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of conditional branches',
    defence: 'fuel',
    source: start('(loop (br_if 0 (i32.const 1)))'),
    ends: 'out-of-fuel',
  },
  { name: 'two loops that feed each other', defence: 'fuel', source: start('(loop (loop (br 1)))'), ends: 'out-of-fuel' },
  {
    name: 'an endless loop in the start function',
    defence: 'fuel',
    source: '(module (func $s (loop (br 0))) (start $s) (func (export "_start")))',
    ends: 'out-of-fuel',
  },
  {
    name: 'exponential recursion of small depth',
    defence: 'fuel',
    source: `(module (func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1)))))) (func (export "_start") (call $f (i32.const 60))))`,
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of divisions',
    defence: 'fuel',
    source: start(
      '(local i64) (local.set 0 (i64.const -1)) (loop (local.set 0 (i64.div_u (i64.const -1) (i64.or (local.get 0) (i64.const 1)))) (br 0))',
    ),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of memory fills',
    defence: 'fuel',
    source: start('(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0))', '(memory 1)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of memory copies',
    defence: 'fuel',
    source: start('(loop (memory.copy (i32.const 0) (i32.const 32768) (i32.const 32768)) (br 0))', '(memory 1)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of empty fills',
    defence: 'fuel',
    source: start('(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0)) (br 0))', '(memory 1)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of table fills',
    defence: 'fuel',
    source: start('(loop (table.fill 0 (i32.const 0) (ref.null func) (i32.const 65536)) (br 0))', '(table 65536 funcref)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of table copies',
    defence: 'fuel',
    source: start('(loop (table.copy (i32.const 0) (i32.const 1) (i32.const 60000)) (br 0))', '(table 65536 funcref)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'one fill of four gigabytes',
    defence: 'fuel',
    source: start('(memory.fill (i32.const 0) (i32.const 1) (i32.const -1))', '(memory 1)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of refused growth',
    defence: 'fuel',
    source: start('(loop (drop (memory.grow (i32.const 65536))) (br 0))', '(memory 1)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless loop of growth by nothing',
    defence: 'fuel',
    source: start('(loop (drop (memory.grow (i32.const 0))) (br 0))', '(memory 1)'),
    ends: 'out-of-fuel',
  },
  {
    name: 'a flood of host calls',
    defence: 'fuel',
    source: wasi(['"sched_yield" (func $y (result i32))'], '(loop (drop (call $y)) (br 0))'),
    ends: 'out-of-fuel',
  },
  {
    name: 'a flood of clock readings',
    defence: 'fuel',
    source: wasi(
      ['"clock_time_get" (func $c (param i32 i64 i32) (result i32))'],
      '(loop (drop (call $c (i32.const 0) (i64.const 0) (i32.const 0))) (br 0))',
    ),
    ends: 'out-of-fuel',
  },
  {
    name: 'a flood of randomness',
    defence: 'fuel',
    source: wasi(['"random_get" (func $r (param i32 i32) (result i32))'], '(loop (drop (call $r (i32.const 0) (i32.const 65536))) (br 0))'),
    ends: 'out-of-fuel',
  },
  {
    name: 'sleeping forever',
    defence: 'fuel',
    source: wasi(
      ['"poll_oneoff" (func $p (param i32 i32 i32 i32) (result i32))'],
      '(i64.store (i32.const 24) (i64.const -1)) (loop (drop (call $p (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200))) (br 0))',
    ),
    ends: 'out-of-fuel',
  },
  {
    name: 'endless recursion',
    defence: 'stack',
    source: '(module (func $f (call $f)) (func (export "_start") (call $f)))',
    ends: 'stack-overflow',
  },
  {
    name: 'endless mutual recursion',
    defence: 'stack',
    source: '(module (func $a (call $b)) (func $b (call $a)) (func (export "_start") (call $a)))',
    ends: 'stack-overflow',
  },
  {
    name: 'endless indirect recursion',
    defence: 'stack',
    source:
      '(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (type $t) (i32.const 0))) (func (export "_start") (call $f)))',
    ends: 'stack-overflow',
  },
  {
    name: 'recursion with a thousand vector locals',
    defence: 'stack',
    source: `(module (func $f (local ${'v128 '.repeat(1000)}) (call $f)) (func (export "_start") (call $f)))`,
    ends: 'stack-overflow',
  },
  {
    name: 'more vector locals than allowed',
    defence: 'caps',
    source: `(module (func (export "_start") (local ${'v128 '.repeat(1100)})))`,
    ends: 'refused',
  },
  {
    name: 'an endless loop of vector square roots',
    defence: 'fuel',
    source: start('(local v128) (loop (local.set 0 (f64x2.sqrt (local.get 0))) (br 0))'),
    ends: 'out-of-fuel',
  },
  {
    name: 'telling devices apart by the NaNs of vectors',
    defence: 'instrumentation',
    source: wasi(
      [WRITE],
      `(v128.store (i32.const 32) (f64x2.div (v128.const i64x2 0 0) (v128.const i64x2 0 0)))
       (v128.store (i32.const 48) (f32x4.sqrt (v128.const f32x4 -1 -1 -1 -1)))
       (i32.store8 (i32.const 64) (select (i32.const 45) (i32.const 43) (i64.lt_s (i64.load (i32.const 32)) (i64.const 0))))
       (i32.store8 (i32.const 65) (select (i32.const 45) (i32.const 43) (i32.lt_s (i32.load (i32.const 60)) (i32.const 0))))
       (i32.store8 (i32.const 66) (select (i32.const 45) (i32.const 43) (i32x4.bitmask (f32x4.sub (v128.const f32x4 inf inf inf inf) (v128.const f32x4 inf inf inf inf)))))
       (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 3))
       (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))`,
    ),
    ends: 'ok',
    output: '+++',
  },
  {
    name: 'recursion with a thousand locals',
    defence: 'stack',
    source: `(module (func $f (local ${'i64 '.repeat(1000)}) (call $f)) (func (export "_start") (call $f)))`,
    ends: 'stack-overflow',
  },
  {
    name: 'recursion with many operands',
    defence: 'stack',
    source: `(module (func $f (result i32) ${'(i32.const 1) '.repeat(300)} (call $f) ${'(i32.add) '.repeat(300)}) (func (export "_start") (drop (call $f))))`,
    ends: 'stack-overflow',
  },
  {
    name: 'recursion by way of the start function',
    defence: 'stack',
    source: '(module (func $s (call $s)) (start $s) (func (export "_start")))',
    ends: 'stack-overflow',
  },
  {
    name: 'growing memory as far as it goes',
    defence: 'memory',
    source: start('(loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))', '(memory 1)'),
    ends: 'ok',
  },
  {
    name: 'growing memory in one leap',
    defence: 'memory',
    source: start('(if (i32.ne (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))', '(memory 1)'),
    ends: 'ok',
  },
  {
    name: 'growing by a number that wraps around',
    defence: 'memory',
    source: start('(if (i32.ne (memory.grow (i32.const -1)) (i32.const -1)) (then unreachable))', '(memory 1)'),
    ends: 'ok',
  },
  { name: 'starting with too much memory', defence: 'memory', source: start('', '(memory 60000)'), ends: 'refused' },
  {
    name: 'data beyond the memory',
    defence: 'instrumentation',
    source: start('', '(memory 1) (data (i32.const 65530) "0123456789")'),
    ends: 'trap',
  },
  {
    name: 'elements beyond the table',
    defence: 'instrumentation',
    source: '(module (table 1 funcref) (func $f (export "_start")) (elem (i32.const 1) $f))',
    ends: 'trap',
  },
  {
    name: 'reading beyond memory',
    defence: 'instrumentation',
    source: start('(drop (i32.load (i32.const -4)))', '(memory 1)'),
    ends: 'trap',
  },
  {
    name: 'reading beyond memory by an offset',
    defence: 'instrumentation',
    source: start('(drop (i64.load offset=4294967295 (i32.const -1)))', '(memory 1)'),
    ends: 'trap',
  },
  {
    name: 'calling a null reference',
    defence: 'instrumentation',
    source: '(module (type $t (func)) (table 1 funcref) (func (export "_start") (call_indirect (type $t) (i32.const 0))))',
    ends: 'trap',
  },
  {
    name: 'calling with a forged type',
    defence: 'instrumentation',
    source:
      '(module (type $t (func (param i64))) (table 1 funcref) (elem (i32.const 0) $f) (func $f) (func (export "_start") (call_indirect (type $t) (i64.const 1) (i32.const 0))))',
    ends: 'trap',
  },
  {
    name: 'exporting the fuel counter',
    defence: 'instrumentation',
    source: '(module (global (export "__heap_fuel") (mut i64) (i64.const 9)) (func (export "_start")))',
    ends: 'refused',
  },
  {
    name: 'exporting the start hook',
    defence: 'instrumentation',
    source: '(module (func (export "__heap_start")) (func (export "_start")))',
    ends: 'refused',
  },
  {
    name: 'writing to the global behind its own',
    defence: 'instrumentation',
    source:
      '(module (global $mine (mut i64) (i64.const 0)) (func (export "_start") (global.set $mine (i64.const 9999999999)) (loop (br 0))))',
    ends: 'out-of-fuel',
  },
  {
    name: 'dividing the smallest number by minus one',
    defence: 'instrumentation',
    source: start('(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))'),
    ends: 'trap',
  },
  {
    name: "importing the host's memory",
    defence: 'imports',
    source: '(module (import "env" "memory" (memory 1)) (func (export "_start")))',
    ends: 'refused',
  },
  {
    name: 'importing eval',
    defence: 'imports',
    source: '(module (import "globalThis" "eval" (func (param i32))) (func (export "_start")))',
    ends: 'refused',
  },
  {
    name: "importing by a prototype's name",
    defence: 'imports',
    source: '(module (import "wasi_snapshot_preview1" "constructor" (func (param i32) (result i32))) (func (export "_start")))',
    ends: 'refused',
  },
  {
    name: 'importing __proto__',
    defence: 'imports',
    source: '(module (import "__proto__" "hasOwnProperty" (func (param i32) (result i32))) (func (export "_start")))',
    ends: 'refused',
  },
  {
    name: 'importing sockets of another interface',
    defence: 'imports',
    source: '(module (import "wasi:sockets/tcp" "connect" (func)) (func (export "_start")))',
    ends: 'refused',
  },
  {
    name: 'opening /etc/passwd',
    defence: 'wasi',
    source: wasi(
      ['"path_open" (func $o (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))'],
      '(if (i32.eqz (call $o (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 11) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 100))) (then unreachable))',
      '(data (i32.const 0) "/etc/passwd")',
    ),
    ends: 'ok',
  },
  {
    name: 'opening through every descriptor',
    defence: 'wasi',
    source: wasi(
      ['"path_open" (func $o (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))'],
      '(local i32) (loop (if (i32.eqz (call $o (local.get 0) (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 100))) (then unreachable)) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 2000))))',
      '(data (i32.const 0) "..")',
    ),
    ends: 'ok',
  },
  {
    name: 'making a symlink',
    defence: 'wasi',
    source: wasi(
      ['"path_symlink" (func $s (param i32 i32 i32 i32 i32) (result i32))'],
      '(if (i32.eqz (call $s (i32.const 0) (i32.const 4) (i32.const 3) (i32.const 0) (i32.const 4))) (then unreachable))',
    ),
    ends: 'ok',
  },
  {
    name: 'reading a directory',
    defence: 'wasi',
    source: wasi(
      ['"fd_readdir" (func $r (param i32 i32 i32 i64 i32) (result i32))'],
      '(if (i32.eqz (call $r (i32.const 3) (i32.const 0) (i32.const 65536) (i64.const 0) (i32.const 0))) (then unreachable))',
    ),
    ends: 'ok',
  },
  {
    name: 'opening a socket',
    defence: 'wasi',
    source: wasi(
      ['"sock_accept" (func $s (param i32 i32 i32) (result i32))'],
      '(if (i32.eqz (call $s (i32.const 0) (i32.const 0) (i32.const 0))) (then unreachable))',
    ),
    ends: 'ok',
  },
  {
    name: 'sending itself a signal',
    defence: 'wasi',
    source: wasi(['"proc_raise" (func $r (param i32) (result i32))'], '(if (i32.eqz (call $r (i32.const 9))) (then unreachable))'),
    ends: 'ok',
  },
  {
    name: 'writing from outside its memory',
    defence: 'wasi',
    source: wasi(
      [WRITE],
      '(i32.store (i32.const 0) (i32.const -16)) (i32.store (i32.const 4) (i32.const 64)) (if (i32.eqz (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (then unreachable))',
    ),
    ends: 'ok',
  },
  {
    name: 'a thousand overlapping buffers',
    defence: 'output',
    source: wasi(
      [WRITE],
      '(local i32) (loop (i32.store (i32.mul (local.get 0) (i32.const 8)) (i32.const 0)) (i32.store offset=4 (i32.mul (local.get 0) (i32.const 8)) (i32.const 65536)) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1024)))) (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 60000)))',
    ),
    ends: 'output-limit',
  },
  {
    name: 'a flood of output',
    defence: 'output',
    source: wasi(
      [WRITE],
      '(i32.store (i32.const 4) (i32.const 60000)) (loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0))',
    ),
    ends: 'output-limit',
  },
  {
    name: 'a flood of logs',
    defence: 'fuel',
    source: wasi(
      [WRITE],
      '(i32.store (i32.const 4) (i32.const 60000)) (loop (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0))',
    ),
    ends: 'out-of-fuel',
  },
  {
    name: 'closing standard output, then writing',
    defence: 'wasi',
    source: wasi(
      [WRITE, '"fd_close" (func $close (param i32) (result i32))'],
      '(drop (call $close (i32.const 1))) (i32.store (i32.const 4) (i32.const 1)) (if (i32.ne (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (i32.const 8)) (then unreachable))',
    ),
    ends: 'ok',
  },
  {
    name: 'a table of a million entries',
    defence: 'caps',
    source: '(module (table 1000000 funcref) (func (export "_start")))',
    ends: 'refused',
  },
  { name: 'a function with two thousand locals', defence: 'caps', source: start(`(local ${'i64 '.repeat(2000)})`), ends: 'refused' },
  { name: 'a function with five hundred loops', defence: 'caps', source: start('(loop)'.repeat(500)), ends: 'refused' },
  {
    name: 'a compile bomb of locals and blocks',
    defence: 'caps',
    source: start(`(local ${'i32 '.repeat(1000)}) ${'(block (br_if 0 (local.get 0)) (local.set 0 (local.get 999)))'.repeat(2200)}`),
    ends: 'refused',
  },
  {
    name: 'a function of half a megabyte',
    defence: 'caps',
    source: start('(drop (i64.const 1234567890123456789))'.repeat(45_000)),
    ends: 'refused',
  },
];

const handler = (body: string) => `export default () => { ${body} }`;

const jsCases: Omit<HostileCase, 'kind'>[] = [
  { name: 'for (;;)', defence: 'fuel', source: handler('for (;;);'), ends: 'out-of-fuel' },
  {
    name: 'for (;;) that catches everything',
    defence: 'fuel',
    source: handler('for (;;) { try { for (;;); } catch {} finally { for (;;); } }'),
    ends: 'out-of-fuel',
  },
  {
    name: 'a catastrophic regular expression',
    defence: 'fuel',
    source: handler('return /^(a+)+$/.test("a".repeat(50) + "b");'),
    ends: 'out-of-fuel',
  },
  {
    name: 'a regular expression with back references',
    defence: 'fuel',
    source: handler('return /^(a*)*\\1*(a*)*b$/.test("a".repeat(40));'),
    ends: 'out-of-fuel',
  },
  {
    name: 'a sort whose order never agrees',
    defence: 'fuel',
    source: handler('for (;;) new Array(1e4).fill(0).map((_, i) => i).sort(() => 1);'),
    ends: 'out-of-fuel',
  },
  {
    name: 'indexOf over a long string, forever',
    defence: 'fuel',
    source: handler('const s = "a".repeat(1e6); for (;;) s.indexOf("a".repeat(1e5) + "b");'),
    ends: 'out-of-fuel',
  },
  { name: 'a huge power', defence: 'fuel', source: handler('let x = 3n; for (;;) x = x * x;'), ends: 'contained' },
  {
    name: 'a promise that never stops resolving',
    defence: 'fuel',
    source: 'export default async () => { for (;;) await null; }',
    ends: 'out-of-fuel',
  },
  {
    name: 'a flood of microtasks',
    defence: 'fuel',
    source: handler('const f = () => { queueMicrotask(f); }; f(); return new Promise(() => {});'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an interval that is never cleared',
    defence: 'fuel',
    source: handler('setInterval(() => {}, 0); return new Promise(() => {});'),
    ends: 'out-of-fuel',
  },
  {
    name: 'an endless generator, spread',
    defence: 'memory',
    source: handler('function* g() { for (;;) yield 1; } return [...g()];'),
    ends: 'contained',
  },
  {
    name: 'an endless iterator in Array.from',
    defence: 'memory',
    source: handler('return Array.from({ length: 2 ** 32 - 1 }).length;'),
    ends: 'contained',
  },
  { name: 'endless recursion', defence: 'stack', source: handler('const f = () => f(); return f();'), ends: 'trap' },
  {
    name: 'recursion through getters',
    defence: 'stack',
    source: handler('const o = { get x() { return this.x; } }; return o.x;'),
    ends: 'stack-overflow',
  },
  {
    name: 'recursion through proxies',
    defence: 'stack',
    source: handler('let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x;'),
    ends: 'contained',
  },
  {
    name: 'recursion through toString',
    defence: 'stack',
    source: handler('const o = { toString() { return String(o); } }; return String(o);'),
    ends: 'stack-overflow',
  },
  {
    name: 'recursion through JSON',
    defence: 'stack',
    source: handler('let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o;'),
    ends: 'contained',
  },
  {
    name: 'parsing deeply nested JSON',
    defence: 'stack',
    source: handler('return JSON.parse("[".repeat(1e5) + "]".repeat(1e5)).length;'),
    ends: 'stack-overflow',
  },
  {
    name: 'evaluating deeply nested code',
    defence: 'stack',
    source: handler('return eval("(".repeat(1e5) + ")".repeat(1e5));'),
    ends: 'stack-overflow',
  },
  {
    name: 'a deeply nested pattern',
    defence: 'stack',
    source: handler('return new RegExp("(".repeat(1e5) + ")".repeat(1e5)).test("");'),
    ends: 'trap',
  },
  {
    name: 'a chain of bound functions',
    defence: 'stack',
    source: handler('let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(null); return f();'),
    ends: 'contained',
  },
  { name: 'a string that doubles', defence: 'memory', source: handler('let s = "x"; for (;;) s += s;'), ends: 'trap' },
  {
    name: 'an array that grows',
    defence: 'memory',
    source: handler('const a = []; for (;;) a.push(new Array(1000).fill(1));'),
    ends: 'trap',
    limits: { fuel: 2_000_000_000n },
  },
  { name: 'a huge typed array', defence: 'memory', source: handler('return new Uint8Array(2 ** 31).length;'), ends: 'trap' },
  {
    name: 'memory eaten and the error caught, forever',
    defence: 'fuel',
    source: handler('for (;;) { try { const a = []; for (;;) a.push(new Array(1e4).fill(1)); } catch {} }'),
    ends: 'out-of-fuel',
  },
  { name: 'padStart to a gigabyte', defence: 'memory', source: handler('return "x".padStart(2 ** 29).length;'), ends: 'contained' },
  {
    name: 'a sparse array of four billion',
    defence: 'memory',
    source: handler('const a = []; a[2 ** 32 - 2] = 1; return a.length;'),
    ends: 'ok',
    output: '4294967295',
  },
  {
    name: 'joining a sparse array',
    defence: 'fuel',
    source: handler('const a = []; a[2 ** 32 - 2] = 1; return a.join("");'),
    ends: 'contained',
  },
  { name: 'a flood of console lines', defence: 'fuel', source: handler('for (;;) console.log("x".repeat(1000));'), ends: 'out-of-fuel' },
  { name: 'more output than allowed', defence: 'output', source: handler('return "x".repeat(1e5);'), ends: 'output-limit' },
  {
    name: 'reaching for process',
    defence: 'language',
    source: handler('return [typeof process, typeof require, typeof module, typeof Buffer, typeof global];'),
    ends: 'ok',
    output: '["undefined","undefined","undefined","undefined","undefined"]',
  },
  {
    name: 'reaching for the network',
    defence: 'language',
    source: handler('return [typeof fetch, typeof XMLHttpRequest, typeof WebSocket, typeof EventSource, typeof importScripts];'),
    ends: 'ok',
    output: '["undefined","undefined","undefined","undefined","undefined"]',
  },
  {
    name: 'the Function constructor',
    defence: 'language',
    source: handler('return (() => {}).constructor("return typeof process")();'),
    ends: 'ok',
    output: '"undefined"',
  },
  {
    name: 'import() of a host module',
    defence: 'language',
    source: 'export default async () => { await import("node:fs"); }',
    ends: 'trap',
  },
  {
    name: 'import() of a data URL',
    defence: 'language',
    source: 'export default async () => { await import("data:text/javascript,export default 1"); }',
    ends: 'trap',
  },
  { name: 'import.meta', defence: 'language', source: handler('return Object.keys(import.meta);'), ends: 'contained' },
  {
    name: "QuickJS's own std and os",
    defence: 'language',
    source: 'import * as std from "std"; export default () => std.getenv("HOME")',
    ends: 'refused',
  },
  {
    name: 'the real time',
    defence: 'isolation',
    source: handler('return [Date.now(), new Date().getTime(), performance.timeOrigin ?? 0].every((t) => t < 1751328001000);'),
    ends: 'ok',
    output: 'true',
  },
  {
    name: 'patching what the bridge uses',
    defence: 'language',
    source: 'Object.prototype.toJSON = () => "forged"; globalThis.JSON = null; Promise.resolve = null; export default () => 5',
    ends: 'contained',
  },
  {
    name: 'a result that changes while it is read',
    defence: 'language',
    source: handler(
      'let n = 0; return new Proxy({}, { ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ value: ++n, enumerable: true, configurable: true }), get: () => ++n });',
    ),
    ends: 'ok',
    output: '{"a":4}',
  },
  { name: 'a thenable that never answers', defence: 'language', source: handler('return { then() {} };'), ends: 'trap' },
  {
    name: 'a thenable that answers forever',
    defence: 'fuel',
    source: handler('const t = { then(r) { r(t); } }; return t;'),
    ends: 'out-of-fuel',
  },
  {
    name: 'finalizers and weak references',
    defence: 'isolation',
    source: handler(
      'let n = 0; const r = new FinalizationRegistry(() => n++); for (let i = 0; i < 1000; i++) r.register({}, i); return [n, new WeakRef({ a: 1 }).deref() ?? "gone"];',
    ),
    ends: 'ok',
    output: '[0,"gone"]',
  },
  {
    name: 'shared memory and Atomics.wait',
    defence: 'language',
    source: handler('return Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0, 1e9);'),
    ends: 'trap',
  },
  { name: 'endless top-level code', defence: 'fuel', source: 'for (;;);\nexport default () => 1', ends: 'refused' },
  { name: 'source that is all brackets', defence: 'stack', source: `export default () => ${'['.repeat(50_000)}`, ends: 'refused' },
];

export const HOSTILE_CASES: readonly HostileCase[] = [
  ...wasmCases.map((c) => ({ kind: 'wasm' as const, ...c })),
  ...jsCases.map((c) => ({ kind: 'javascript' as const, ...c })),
  ...FILE_CASES,
];
