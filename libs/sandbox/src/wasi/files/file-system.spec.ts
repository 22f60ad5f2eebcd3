import fc from 'fast-check';
import { Fault } from '../errno.js';
import { FileSystem } from './file-system.js';
import type { FileNode } from './node.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const HASH = '0'.repeat(64);
const WRITE = { create: true, exclusive: false, truncate: false, directory: false, write: true };

function make(files: Record<string, string> = {}, scratch = { files: 20, file_bytes: 1000 }) {
  const given = Object.entries(files).map(([path, content]) => ({ path, hash: HASH, bytes: bytes(content) }));
  const spent = { fuel: 0 };
  const fs = new FileSystem(given, scratch, { charge: (fuel) => (spent.fuel += fuel), now: () => BigInt(spent.fuel) });
  return { fs, spent };
}

/** The name of the error number, or what came. */
function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

const names = (fs: FileSystem, path = '.') => {
  const found: string[] = [];
  const directory = fs.existing(fs.root, path);
  if (directory.kind === 'directory') fs.list(directory, 2, (name) => found.push(name) > 0);
  return found;
};

describe('paths', () => {
  const { fs } = make({ 'data/a.txt': 'A', 'data/deep/b.txt': 'BB', top: 'T' });
  const kind = (path: string) => codeOf(() => fs.existing(fs.root, path).kind);

  test.each([
    ['.', 'directory'],
    ['data', 'directory'],
    ['data/', 'directory'],
    ['data//./deep/../a.txt', 'file'],
    ['./top', 'file'],
    ['tmp/..', 'directory'],
    ['', 'noent'],
    ['/top', 'notcapable'],
    ['..', 'notcapable'],
    ['data/../..', 'notcapable'],
    ['data/../../top', 'notcapable'],
    ['top/', 'notdir'],
    ['top/.', 'notdir'],
    ['top/..', 'notdir'],
    ['top/x', 'notdir'],
    ['nothing', 'noent'],
    ['nothing/x', 'noent'],
    ['nothing/..', 'noent'],
    ['to\0p', 'inval'],
    ['x'.repeat(256), 'nametoolong'],
    ['é'.repeat(128), 'nametoolong'],
    ['x'.repeat(255), 'noent'],
    [`${'tmp/../'.repeat(63)}top`, 'file'],
    [`${'tmp/../'.repeat(64)}top`, 'nametoolong'],
    ['constructor', 'noent'],
    ['__proto__', 'noent'],
  ])('%j is %s', (path, expected) => {
    expect(kind(path)).toBe(expected);
  });

  test('lead nowhere above the directory they start from', () => {
    const deep = fs.existing(fs.root, 'data/deep');
    if (deep.kind !== 'directory') throw new Error('not a directory');
    expect(codeOf(() => fs.existing(deep, '../a.txt'))).toBe('notcapable');
    expect(codeOf(() => fs.existing(deep, '.'))).toBe(deep);
  });

  test('of the job are in the order of their names, whatever order it gave', () => {
    expect(names(fs)).toEqual(['data', 'top', 'tmp']);
    const other = make({ top: 'T', 'data/deep/b.txt': 'BB', 'data/a.txt': 'A' }).fs;
    expect(names(other, 'data')).toEqual(['a.txt', 'deep']);
    expect(other.existing(other.root, 'data/a.txt').ino).toBe(fs.existing(fs.root, 'data/a.txt').ino);
  });

  test.each([['a/../b'], ['/a'], ['a//b'], [''], ['a\0'], ['tmp'], ['tmp/x'], ['.']])('of the job cannot be %j', (path) => {
    expect(() => make({ [path]: '' })).toThrow('the view cannot have');
  });
});

describe('what the job gave', () => {
  test('cannot be changed by any way', () => {
    const { fs } = make({ 'data/a.txt': 'A' });
    const { root } = fs;
    const file = fs.existing(root, 'data/a.txt') as FileNode;
    fs.open(root, 'tmp/mine', WRITE);
    const tries = [
      () => fs.open(root, 'data/a.txt', WRITE),
      () => fs.open(root, 'data/a.txt', { ...WRITE, create: false, write: false, truncate: true }),
      () => fs.open(root, 'data/new', WRITE),
      () => fs.makeDirectory(root, 'data/new'),
      () => fs.unlink(root, 'data/a.txt'),
      () => fs.rename(root, 'data/a.txt', root, 'tmp/a'),
      () => fs.rename(root, 'tmp/mine', root, 'data/a.txt'),
      () => fs.rename(root, 'tmp', root, 'data'),
      () => fs.rename(root, 'data', root, 'tmp/data'),
      () => fs.link(root, 'tmp/mine', root, 'data/b'),
      () => fs.removeDirectory(root, 'tmp'),
      () => fs.setTimes(file, 0n, 0n),
    ];
    expect(tries.map(codeOf)).toEqual(tries.map(() => 'rofs'));
    expect(codeOf(() => fs.link(root, 'data/a.txt', root, 'tmp/a'))).toBe('xdev');
    expect(text(fs.read(file, 0, 10))).toBe('A');
  });
});

describe('the scratch directory', () => {
  test('keeps what was unlinked while it is open, and gives its room back after', () => {
    const { fs } = make({}, { files: 2, file_bytes: 10 });
    const file = fs.open(fs.root, 'tmp/a', WRITE) as FileNode;
    file.opens = 1;
    fs.write(file, 0, bytes('0123456789'));
    fs.unlink(fs.root, 'tmp/a');
    expect(text(fs.read(file, 0, 99))).toBe('0123456789');
    const next = fs.open(fs.root, 'tmp/b', WRITE) as FileNode;
    expect(codeOf(() => fs.write(next, 0, bytes('x')))).toBe('nospc');
    fs.closed(file);
    expect(codeOf(() => fs.write(next, 0, bytes('0123456789')))).toBeUndefined();
  });

  test('moves over an open file without touching what is open', () => {
    const { fs } = make();
    const old = fs.open(fs.root, 'tmp/old', WRITE) as FileNode;
    old.opens = 1;
    fs.write(old, 0, bytes('old'));
    fs.write(fs.open(fs.root, 'tmp/new', WRITE) as FileNode, 0, bytes('new'));
    fs.rename(fs.root, 'tmp/new', fs.root, 'tmp/old');
    expect(text(fs.read(old, 0, 9))).toBe('old');
    expect(text(fs.read(fs.existing(fs.root, 'tmp/old') as FileNode, 0, 9))).toBe('new');
  });

  test('does not take part of a tree into itself, nor let a removed directory grow', () => {
    const { fs } = make();
    fs.makeDirectory(fs.root, 'tmp/a');
    fs.makeDirectory(fs.root, 'tmp/a/b');
    expect(codeOf(() => fs.rename(fs.root, 'tmp/a', fs.root, 'tmp/a/b/c'))).toBe('inval');
    const b = fs.existing(fs.root, 'tmp/a/b');
    fs.removeDirectory(fs.root, 'tmp/a/b');
    if (b.kind !== 'directory') throw new Error('not a directory');
    expect(codeOf(() => fs.open(b, 'x', WRITE))).toBe('noent');
    expect(codeOf(() => fs.makeDirectory(b, 'x'))).toBe('noent');
  });

  test('counts a sparse file in full', () => {
    const { fs } = make();
    const file = fs.open(fs.root, 'tmp/a', WRITE) as FileNode;
    expect(codeOf(() => fs.resize(file, 2 ** 40))).toBe('nospc');
    expect(codeOf(() => fs.resize(file, 2 ** 60))).toBe('fbig');
    expect(codeOf(() => fs.write(file, 2 ** 40, bytes('x')))).toBe('nospc');
    fs.resize(file, 1000);
    expect(fs.read(file, 0, 5000)).toEqual(new Uint8Array(1000));
    expect(codeOf(() => fs.resize(file, 1001))).toBe('nospc');
  });

  test('shows zeros where a file was cut and grew again', () => {
    const { fs } = make();
    const file = fs.open(fs.root, 'tmp/a', WRITE) as FileNode;
    fs.write(file, 0, bytes('secret'));
    fs.resize(file, 2);
    fs.write(file, 5, bytes('!'));
    expect(text(fs.read(file, 0, 9))).toBe('se\0\0\0!');
  });
});

/** Files by path, as a Map of strings: what the real one must agree with. */
class Model {
  readonly files = new Map<string, { data: string; writable: boolean }>();
  readonly directories = new Set(['tmp']);
  constructor(
    given: Record<string, string>,
    private readonly limits: { files: number; file_bytes: number },
  ) {
    for (const [path, data] of Object.entries(given)) this.files.set(path, { data, writable: false });
  }
  private get names() {
    return [...this.files.keys()].filter((path) => path.startsWith('tmp/')).length + this.directories.size - 1;
  }
  get bytes() {
    return [...this.files.entries()].reduce((sum, [path, { data }]) => sum + (path.startsWith('tmp/') ? data.length : 0), 0);
  }
  private parent(path: string): string | null {
    const parts = path.split('/').slice(0, -1);
    for (let n = 1; n <= parts.length; n++) {
      const above = parts.slice(0, n).join('/');
      if (!this.directories.has(above)) return this.files.has(above) ? 'notdir' : 'noent';
    }
    return null;
  }
  private has = (path: string) => this.files.has(path) || this.directories.has(path);
  private children = (path: string) => [...this.files.keys(), ...this.directories].some((other) => other.startsWith(`${path}/`));

  write(path: string, at: number, data: string): string | undefined {
    const bad = this.parent(path);
    if (bad) return bad;
    if (this.directories.has(path)) return 'isdir';
    const fresh = !this.files.has(path);
    if (fresh && this.names >= this.limits.files) return 'nospc';
    const old = this.files.get(path)?.data ?? '';
    if (fresh) this.files.set(path, { data: old, writable: true });
    if (data === '') return undefined;
    const next = old.slice(0, at).padEnd(at, '\0') + data + old.slice(at + data.length);
    if (this.bytes - old.length + next.length > this.limits.file_bytes) return 'nospc';
    this.files.set(path, { data: next, writable: true });
    return undefined;
  }
  mkdir(path: string): string | undefined {
    const bad = this.parent(path);
    if (bad) return bad;
    if (this.has(path)) return 'exist';
    if (this.names >= this.limits.files) return 'nospc';
    this.directories.add(path);
    return undefined;
  }
  unlink(path: string): string | undefined {
    const bad = this.parent(path);
    if (bad) return bad;
    if (!this.has(path)) return 'noent';
    if (this.directories.has(path)) return 'isdir';
    this.files.delete(path);
    return undefined;
  }
  rmdir(path: string): string | undefined {
    const bad = this.parent(path);
    if (bad) return bad;
    if (!this.has(path)) return 'noent';
    if (this.files.has(path)) return 'notdir';
    if (this.children(path)) return 'notempty';
    this.directories.delete(path);
    return undefined;
  }
  rename(from: string, to: string): string | undefined {
    const bad = this.parent(from) ?? this.parent(to);
    if (bad) return bad;
    if (!this.has(from)) return 'noent';
    if (from === to) return undefined;
    const directory = this.directories.has(from);
    if (directory && to.startsWith(`${from}/`)) return 'inval';
    if (this.directories.has(to)) {
      if (!directory) return 'isdir';
      if (this.children(to)) return 'notempty';
    } else if (this.files.has(to) && directory) return 'notdir';
    this.files.delete(to);
    this.directories.delete(to);
    const renamed = (path: string) => (path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path);
    for (const [path, file] of [...this.files]) {
      this.files.delete(path);
      this.files.set(renamed(path), file);
    }
    for (const path of [...this.directories]) {
      this.directories.delete(path);
      this.directories.add(renamed(path));
    }
    return undefined;
  }
  all() {
    return [...[...this.files].map(([path, { data }]) => `${path}=${data}`), ...[...this.directories].map((path) => `${path}/`)].sort();
  }
}

function allOf(fs: FileSystem, path = ''): string[] {
  return names(fs, path || '.').flatMap((name) => {
    const full = path === '' ? name : `${path}/${name}`;
    const node = fs.existing(fs.root, full);
    return node.kind === 'file' ? [`${full}=${text(fs.read(node, 0, node.size))}`] : [`${full}/`, ...allOf(fs, full)];
  });
}

const paths = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => `tmp/${parts.join('/')}`);
const step = fc.oneof(
  fc.record({ op: fc.constant('write' as const), path: paths, at: fc.nat(12), data: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }) }),
  fc.record({ op: fc.constant('mkdir' as const), path: paths }),
  fc.record({ op: fc.constant('unlink' as const), path: paths }),
  fc.record({ op: fc.constant('rmdir' as const), path: paths }),
  fc.record({ op: fc.constant('rename' as const), path: paths, to: paths }),
);

test('the file system does what a table of paths would do, within the same limits', () => {
  const limits = { files: 5, file_bytes: 40 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { fs, spent } = make({ given: 'as it was' }, limits);
      const model = new Model({ given: 'as it was' }, limits);
      const act = (s: (typeof steps)[number]): [() => unknown, string | undefined] => {
        if (s.op === 'write') {
          const write = () => fs.write(fs.open(fs.root, s.path, WRITE) as FileNode, s.at, bytes(s.data));
          return [write, model.write(s.path, s.at, s.data)];
        }
        if (s.op === 'mkdir') return [() => fs.makeDirectory(fs.root, s.path), model.mkdir(s.path)];
        if (s.op === 'unlink') return [() => fs.unlink(fs.root, s.path), model.unlink(s.path)];
        if (s.op === 'rmdir') return [() => fs.removeDirectory(fs.root, s.path), model.rmdir(s.path)];
        return [() => fs.rename(fs.root, s.path, fs.root, s.to), model.rename(s.path, s.to)];
      };
      for (const s of steps) {
        const before = spent.fuel;
        const [real, expected] = act(s);
        expect([s, codeOf(real)]).toEqual([s, expected]);
        expect(spent.fuel - before).toBeGreaterThanOrEqual(10_000);
      }
      expect(allOf(fs).sort()).toEqual(model.all());
    }),
    { numRuns: 400 },
  );
});

test('a file that is made small gives its memory back, not only its quota', () => {
  const { fs, spent } = make({}, { files: 4, file_bytes: 100_000 });
  const files = ['a', 'b', 'c'].map((name) => {
    const file = fs.open(fs.root, `tmp/${name}`, { ...WRITE, create: true }) as FileNode;
    fs.write(file, 0, bytes('keep'.padEnd(90_000, '.')));
    fs.resize(file, 4);
    return file;
  });
  expect(files.map((file) => text(fs.read(file, 0, 10)))).toEqual(['keep', 'keep', 'keep']);
  expect(files.reduce((sum, file) => sum + file.bytes.buffer.byteLength, 0)).toBeLessThan(1000);
  expect(spent.fuel).toBeGreaterThan(3 * 90_000);
});
