import type { RunLimits, Verdict } from '../port.js';

/** What a task may try with files, and with the rest of what WASI shows: the cases of `cases.ts` that have a view. */
export interface FileCase {
  name: string;
  defence: 'fuel' | 'wasi' | 'language' | 'isolation' | 'quota' | 'paths' | 'rights';
  kind: 'wasm' | 'javascript';
  source: string;
  ends: Verdict | 'contained';
  output?: string;
  limits: Partial<RunLimits>;
  files: Readonly<Record<string, string>>;
}

const SCRATCH = { files: 50, file_bytes: 200_000 };
const GIVEN = { 'data/given': 'what the job gave' };

const IMPORTS: Readonly<Record<string, string>> = {
  path_open: 'i32 i32 i32 i32 i32 i64 i64 i32 i32',
  path_create_directory: 'i32 i32 i32',
  path_unlink_file: 'i32 i32 i32',
  path_rename: 'i32 i32 i32 i32 i32 i32',
  path_symlink: 'i32 i32 i32 i32 i32',
  path_filestat_set_times: 'i32 i32 i32 i32 i64 i64 i32',
  fd_read: 'i32 i32 i32 i32',
  fd_write: 'i32 i32 i32 i32',
  fd_pwrite: 'i32 i32 i32 i64 i32',
  fd_pread: 'i32 i32 i32 i64 i32',
  fd_close: 'i32',
  fd_renumber: 'i32 i32',
  fd_readdir: 'i32 i32 i32 i64 i32',
  fd_filestat_set_size: 'i32 i64',
  fd_allocate: 'i32 i64 i64',
  fd_fdstat_set_rights: 'i32 i64 i64',
  fd_prestat_get: 'i32 i32',
  poll_oneoff: 'i32 i32 i32 i32',
  environ_sizes_get: 'i32 i32',
  clock_time_get: 'i32 i64 i32',
  sched_yield: '',
};

const READ = '(i64.const 0x2)';
const ALL = '(i64.const -1)';
const CREATE = 1;
/** Where texts lie; `$want` traps when a call does not answer what it should. */
const TEXT_AT = 4096;

/**
 * A command over the whole of WASI's files. Memory: 0 a buffer list of one (address 16384, length 4096), 8 what a call answers, 4096 texts.
 * `$open` opens a path from descriptor 3 and answers the error; the descriptor is then at 8.
 */
function command(texts: readonly string[], body: string, locals = ''): string {
  const imports = Object.entries(IMPORTS).map(
    ([name, params]) => `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`,
  );
  const data = texts.map((text, i) => `(data (i32.const ${TEXT_AT + 256 * i}) "${text}")`);
  return `(module ${imports.join(' ')} (memory (export "memory") 2)
    (data (i32.const 0) "\\00\\40\\00\\00\\00\\10\\00\\00") ${data.join(' ')}
    (func $want (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
    (func $open (param $at i32) (param $length i32) (param $how i32) (param $rights i64) (result i32)
      (call $path_open (i32.const 3) (i32.const 0) (local.get $at) (local.get $length) (local.get $how) (local.get $rights) (i64.const -1) (i32.const 0) (i32.const 8)))
    (func $fd (result i32) (i32.load (i32.const 8)))
    (func (export "_start") ${locals} ${body}))`;
}

const want = (errno: number, call: string) => `(call $want (i32.const ${errno}) ${call})`;
const at = (i: number) => `(i32.const ${TEXT_AT + 256 * i})`;
const open = (i: number, length: number, how = 0, rights = READ) =>
  `(call $open ${at(i)} (i32.const ${length}) (i32.const ${how}) ${rights})`;
const FD = '(call $fd)';
const write = (fd = FD) => `(call $fd_write ${fd} (i32.const 0) (i32.const 1) (i32.const 12))`;

/** Paths that lead nowhere, each with the error it must be answered with. */
const BAD_PATHS: readonly [text: string, length: number, errno: number][] = [
  ['..', 2, 76],
  ['../etc/passwd', 13, 76],
  ['data/../../x', 12, 76],
  ['/data/given', 11, 76],
  ['/etc/passwd', 11, 76],
  ['', 0, 44],
  ['data/given/', 11, 54],
  ['data/given/..', 13, 54],
  ['data/given\\00', 11, 28],
  ['\\ff\\fe', 2, 25],
  ['data/given', 100_000, 37],
  ['data/given', -1, 21],
];

const wasm: Omit<FileCase, 'kind' | 'files' | 'limits'>[] = [
  {
    name: 'paths that try to leave the world',
    defence: 'paths',
    source: command(
      BAD_PATHS.map(([text]) => text),
      BAD_PATHS.map(([, length, errno], i) => want(errno, open(i, length))).join(' '),
    ),
    ends: 'ok',
  },
  {
    name: 'a symbolic link to the root, and through it',
    defence: 'paths',
    source: command(
      ['/', 'tmp/l', 'tmp/l/etc'],
      `${want(58, `(call $path_symlink ${at(0)} (i32.const 1) (i32.const 3) ${at(1)} (i32.const 5))`)} ${want(44, open(2, 9))}`,
    ),
    ends: 'ok',
  },
  {
    name: 'writing without end',
    defence: 'quota',
    source: command(
      ['tmp/x'],
      `${want(0, open(0, 5, CREATE, ALL))} (loop (local.set 0 ${write()}) (br_if 0 (i32.eqz (local.get 0)))) ${want(51, '(local.get 0)')}`,
      '(local i32)',
    ),
    ends: 'ok',
  },
  {
    name: 'a sparse file of a terabyte',
    defence: 'quota',
    source: command(
      ['tmp/x'],
      [
        want(0, open(0, 5, CREATE, ALL)),
        want(51, `(call $fd_filestat_set_size ${FD} (i64.const 1099511627776))`),
        want(22, `(call $fd_filestat_set_size ${FD} (i64.const -1))`),
        want(51, `(call $fd_allocate ${FD} (i64.const 1099511627776) (i64.const 1))`),
        want(22, `(call $fd_allocate ${FD} (i64.const -1) (i64.const -1))`),
        want(51, `(call $fd_pwrite ${FD} (i32.const 0) (i32.const 1) (i64.const 1099511627776) (i32.const 12))`),
        want(22, `(call $fd_pwrite ${FD} (i32.const 0) (i32.const 1) (i64.const -1) (i32.const 12))`),
      ].join(' '),
    ),
    ends: 'ok',
  },
  {
    name: 'a file that grows and shrinks forever',
    defence: 'fuel',
    source: command(
      ['tmp/x'],
      `${want(0, open(0, 5, CREATE, ALL))} (loop (drop (call $fd_filestat_set_size ${FD} (i64.const 200000))) (drop (call $fd_filestat_set_size ${FD} (i64.const 0))) (br 0))`,
    ),
    ends: 'out-of-fuel',
  },
  {
    name: 'a flood of descriptors',
    defence: 'wasi',
    source: command(
      ['data/given'],
      `(loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.eqz (local.tee 1 ${open(0, 10)})))) ${want(33, '(local.get 1)')} ${want(125, '(local.get 0)')}`,
      '(local i32 i32)',
    ),
    ends: 'ok',
  },
  {
    name: 'opening and closing forever',
    defence: 'fuel',
    source: command(['data/given'], `(loop (drop ${open(0, 10)}) (drop (call $fd_close ${FD})) (br 0))`),
    ends: 'out-of-fuel',
  },
  {
    name: 'listing a folder forever, an entry at a time',
    defence: 'fuel',
    source: command(
      ['tmp'],
      `${want(0, open(0, 3, 2, ALL))} (loop (drop (call $fd_readdir ${FD} (i32.const 16384) (i32.const 1) (i64.const 0) (i32.const 12))) (br 0))`,
    ),
    ends: 'out-of-fuel',
  },
  {
    name: 'folders in folders until the room ends',
    defence: 'quota',
    source: command(
      ['tmp/a'],
      `(local.set 0 (i32.const 3))
       (loop (local.set 1 (call $path_create_directory (local.get 0) ${at(0)} (i32.const 5)))
         (if (i32.eqz (local.get 1)) (then
           ${want(0, `(call $path_open (local.get 0) (i32.const 0) ${at(0)} (i32.const 5) (i32.const 2) ${ALL} ${ALL} (i32.const 0) (i32.const 8))`)}
           (local.set 0 ${FD}) (i64.store ${at(0)} (i64.const 0x612f2e2f2e)) (br 1))))
       ${want(51, '(local.get 1)')}`,
      '(local i32 i32)',
    ),
    ends: 'ok',
  },
  {
    name: 'a list of buffers that is too long, out of memory, or over itself',
    defence: 'wasi',
    source: command(
      ['tmp/x', 'data/given'],
      [
        want(0, open(0, 5, CREATE, ALL)),
        want(28, `(call $fd_write ${FD} (i32.const 0) (i32.const -1) (i32.const 12))`),
        want(28, `(call $fd_write ${FD} (i32.const 0) (i32.const 1025) (i32.const 12))`),
        want(21, `(call $fd_write ${FD} (i32.const 131064) (i32.const 2) (i32.const 12))`),
        want(21, `(call $fd_write ${FD} (i32.const -8) (i32.const 1) (i32.const 12))`),
        want(0, open(1, 10)),
        // The second buffer of the list lies where the first is read to: what is read is text, and no address.
        '(i32.store (i32.const 32) (i32.const 40)) (i32.store (i32.const 36) (i32.const 8))',
        want(21, `(call $fd_read ${FD} (i32.const 32) (i32.const 2) (i32.const 12))`),
      ].join(' '),
    ),
    ends: 'ok',
  },
  {
    name: 'a thousand buffers of the whole memory',
    defence: 'quota',
    source: command(
      ['tmp/x'],
      `(loop (i32.store (i32.add (i32.const 65536) (i32.mul (local.get 0) (i32.const 8))) (i32.const 0)) (i32.store (i32.add (i32.const 65540) (i32.mul (local.get 0) (i32.const 8))) (i32.const 131072))
         (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000))))
       ${want(0, open(0, 5, CREATE, ALL))} ${want(0, `(call $fd_write ${FD} (i32.const 65536) (i32.const 1000) (i32.const 12))`)}
       ${want(131_072, '(i32.load (i32.const 12))')}`,
      '(local i32)',
    ),
    ends: 'ok',
  },
  {
    name: 'a rename over a file that is open',
    defence: 'wasi',
    source: command(
      ['tmp/x', 'tmp/y'],
      `${want(0, open(0, 5, CREATE, ALL))} ${want(0, write())} (local.set 0 ${FD}) ${want(0, open(1, 5, CREATE, ALL))}
       ${want(0, `(call $path_rename (i32.const 3) ${at(1)} (i32.const 5) (i32.const 3) ${at(0)} (i32.const 5))`)}
       ${want(0, '(call $fd_pread (local.get 0) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 12))')} ${want(4096, '(i32.load (i32.const 12))')}
       ${want(0, '(call $fd_close (local.get 0))')} ${want(8, '(call $fd_close (local.get 0))')}`,
      '(local i32)',
    ),
    ends: 'ok',
  },
  {
    name: 'files without a name that keep their room',
    defence: 'quota',
    source: command(
      ['tmp/x'],
      `(loop ${want(0, open(0, 5, CREATE, ALL))} ${want(0, `(call $path_unlink_file (i32.const 3) ${at(0)} (i32.const 5))`)}
         (local.set 0 ${write()}) (br_if 0 (i32.eqz (local.get 0)))) ${want(51, '(local.get 0)')}`,
      '(local i32)',
    ),
    ends: 'ok',
  },
  {
    name: 'every way to write what the job gave',
    defence: 'rights',
    source: command(
      ['data/given', 'data/new'],
      [
        want(69, open(0, 10, 0, ALL)),
        want(69, open(0, 10, 8)),
        want(69, open(1, 8, CREATE)),
        want(69, `(call $path_unlink_file (i32.const 3) ${at(0)} (i32.const 10))`),
        want(69, `(call $path_rename (i32.const 3) ${at(0)} (i32.const 10) (i32.const 3) ${at(1)} (i32.const 8))`),
        want(
          69,
          `(call $path_filestat_set_times (i32.const 3) (i32.const 0) ${at(0)} (i32.const 10) (i64.const 0) (i64.const 0) (i32.const 5))`,
        ),
        want(0, open(0, 10, 0, '(i64.const 0xfffffbe)')),
        want(0, open(0, 10)),
        want(76, write()),
        want(76, `(call $fd_filestat_set_size ${FD} (i64.const 0))`),
        want(76, `(call $fd_allocate ${FD} (i64.const 0) (i64.const 1000))`),
        want(76, `(call $fd_fdstat_set_rights ${FD} ${ALL} ${ALL})`),
      ].join(' '),
    ),
    ends: 'ok',
  },
  {
    name: 'a right that was given up and taken back',
    defence: 'rights',
    source: command(
      ['tmp/x'],
      [
        want(0, '(call $fd_fdstat_set_rights (i32.const 3) (i64.const 0x2000) (i64.const 0x2))'),
        want(76, '(call $fd_fdstat_set_rights (i32.const 3) (i64.const 0x2400) (i64.const 0x2))'),
        want(76, open(0, 5, CREATE, ALL)),
        want(76, `(call $path_create_directory (i32.const 3) ${at(0)} (i32.const 5))`),
      ].join(' '),
    ),
    ends: 'ok',
  },
  {
    name: 'moving a file over standard output',
    defence: 'wasi',
    source: command(
      ['tmp/x'],
      [
        want(0, open(0, 5, CREATE, ALL)),
        want(8, '(call $fd_renumber (i32.const 3) (i32.const 1000))'),
        want(8, '(call $fd_renumber (i32.const -1) (i32.const 1))'),
        want(0, '(call $fd_renumber (i32.const 1) (i32.const 1))'),
        want(0, `(call $fd_renumber ${FD} (i32.const 1))`),
        want(8, `(call $fd_close ${FD})`),
        want(0, write('(i32.const 1)')),
        want(0, '(call $fd_renumber (i32.const 1) (i32.const 3))'),
        want(54, open(0, 5)),
      ].join(' '),
    ),
    ends: 'ok',
    output: '',
  },
  {
    name: 'polling without end',
    defence: 'fuel',
    source: command([], '(loop (drop (call $poll_oneoff (i32.const 16384) (i32.const 32768) (i32.const 64) (i32.const 12))) (br 0))'),
    ends: 'out-of-fuel',
  },
  {
    name: 'asking for environment, folders beyond the first, and the real time',
    defence: 'isolation',
    source: command(
      [],
      [
        want(0, '(call $environ_sizes_get (i32.const 8) (i32.const 12))'),
        want(0, '(i32.or (i32.load (i32.const 8)) (i32.load (i32.const 12)))'),
        want(0, '(call $fd_prestat_get (i32.const 3) (i32.const 8))'),
        want(8, '(call $fd_prestat_get (i32.const 4) (i32.const 8))'),
        want(0, '(call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 8))'),
        want(1, '(i64.lt_u (i64.load (i32.const 8)) (i64.const 1751328001000000000))'),
      ].join(' '),
    ),
    ends: 'ok',
  },
];

const js = (body: string) =>
  `export default (_, { files, env }) => { const code = (f) => { try { return f(); } catch (e) { return e.code ?? e.name; } }; ${body} }`;

const javascript: Omit<FileCase, 'kind' | 'files' | 'limits'>[] = [
  {
    name: 'paths that try to leave the world, by ctx.files',
    defence: 'paths',
    source: js(
      "return ['..', '../x', '/../../x', 'data/../../x', 'data/given/', 'data\\0', '\\ud800', 'x'.repeat(1e5), { toString() { return '/etc/passwd'; } }, null].map((p) => code(() => files.text(p)));",
    ),
    ends: 'ok',
    output: '["ENOTCAPABLE","ENOTCAPABLE","ENOTCAPABLE","ENOTCAPABLE","ENOTDIR","EINVAL","ENOENT","ENAMETOOLONG","ENOENT","ENOENT"]',
  },
  {
    name: 'every way to write what the job gave, by ctx.files',
    defence: 'rights',
    source: js(
      "files.read('data/given').fill(0); return [() => files.write('data/given', 'x'), () => files.write('data/new', 'x'), () => files.write('new/new', 'x'), () => files.remove('data/given'), () => files.remove('tmp'), () => files.write('tmp', 'x'), () => files.text('data/given')].map(code);",
    ),
    ends: 'ok',
    output: '["EROFS","EROFS","EROFS","EROFS","EROFS","EISDIR","what the job gave"]',
  },
  {
    name: 'patching what ctx.files is made of',
    defence: 'language',
    source: `String.prototype.slice = String.prototype.charAt = () => '-'; JSON.parse = () => 'forged'; Object.prototype.code = 'forged'; Object.prototype.ENOENT = 'forged';
      Uint8Array.prototype.set = null; globalThis.Uint8Array = null; TextDecoder.prototype.decode = () => 'forged'; Array.prototype.toJSON = undefined;
      export default (_, ctx) => { 'use strict'; let held = false; try { ctx.files.text = () => 'forged'; } catch { held = true; } return [ctx.files.text('data/given'), ctx.files.list('data')[0].name, held]; }`,
    ends: 'ok',
    output: '["what the job gave","given",true]',
  },
  {
    name: 'bytes that are not what they seem',
    defence: 'language',
    source: js(
      "const gone = new Uint8Array(8); gone.buffer.transfer?.(); for (const data of [Object.create(Uint8Array.prototype), gone, new Proxy(new Uint8Array(8), {}), new Uint8Array(new ArrayBuffer(8, { maxByteLength: 1e9 }), 4), { length: 1e9 }, 5n, Symbol.iterator]) code(() => files.write('/tmp/x', data)); return files.list('tmp').every(({ bytes }) => bytes <= 8);",
    ),
    ends: 'ok',
    output: 'true',
  },
  {
    name: 'files until the room ends, by ctx.files',
    defence: 'quota',
    source: js(
      "const ends = []; for (let i = 0; ends.length < 3; i++) { const e = code(() => files.write('/tmp/' + i, new Uint8Array(10000))); if (e) ends.push(e); } return [ends, files.list('tmp').reduce((n, { bytes }) => n + bytes, 0)];",
    ),
    ends: 'ok',
    output: '[["ENOSPC","ENOSPC","ENOSPC"],200000]',
  },
  {
    name: 'reading one file forever, by ctx.files',
    defence: 'fuel',
    source: js("for (;;) files.read('data/given');"),
    ends: 'out-of-fuel',
  },
  {
    name: 'an environment with a prototype to pollute',
    defence: 'language',
    source: js("return [env.HOME, env.PATH, Object.keys(env).length, code(() => { 'use strict'; env.x = 1; })].map((v) => v ?? null);"),
    ends: 'ok',
    output: '[null,null,0,"TypeError"]',
  },
];

/** More calls than the order allows, where fuel would last longer. */
const CALLS: FileCase = {
  name: 'a flood of calls to the host',
  defence: 'wasi',
  kind: 'wasm',
  source: command([], '(loop (drop (call $sched_yield)) (br 0))'),
  ends: 'trap',
  limits: { host_calls: 1_000 },
  files: {},
};

export const FILE_CASES: readonly FileCase[] = [
  ...wasm.map((c) => ({ ...c, kind: 'wasm' as const, limits: SCRATCH, files: GIVEN })),
  ...javascript.map((c) => ({ ...c, kind: 'javascript' as const, limits: SCRATCH, files: GIVEN })),
  CALLS,
];
