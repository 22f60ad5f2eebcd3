import { type Letter, shuffle, VECTOR_OPS_BY_RESULT, VECTOR_STORES, type VectorOp, WORDS } from './random-vectors.js';

/**
 * Random WebAssembly that always ends: functions call only later ones, loops count down. `canonical` writes the same program with every
 * computed float or vector of floats passed through a function that makes NaNs canonical: run plainly it must leave the same memory as the
 * other one metered. Constants and memory are full of NaNs with signs and payloads.
 */
type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

const CODE: Record<Type, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const TYPES: Type[] = ['i32', 'i64', 'f32', 'f64', 'v128'];
const LETTER: Record<Type, Letter> = { i32: 'i', i64: 'I', f32: 'f', f64: 'F', v128: 'v' };
const TYPE: Record<Letter, Type> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64', v: 'v128' };
/** The functions at the beginning of every module that make a value canonical. */
const HELPER = { f32: 0, f64: 1, f32x4: 2, f64x2: 3 } as const;
const HELPERS = 4;
const DATA_BYTES = 2048;
const MEMORY_BYTES = 65_536;

const leb = (n: number): number[] => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...leb(n >>> 7)]);
function sleb(value: bigint): number[] {
  const byte = Number(value & 0x7fn);
  const rest = value >> 7n;
  if ((rest === 0n && !(byte & 0x40)) || (rest === -1n && byte & 0x40)) return [byte];
  return [byte | 0x80, ...sleb(rest)];
}
const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
const vector = (items: number[][]) => [...leb(items.length), ...items.flat()];

const BINARY: Record<Type, number[]> = {
  i32: [0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78],
  i64: [0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a],
  f32: [0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98],
  f64: [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6],
  v128: [],
};
const UNARY: Record<Type, number[]> = {
  i32: [0x67, 0x68, 0x69, 0x45, 0xc0, 0xc1],
  i64: [0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4],
  f32: [0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91],
  f64: [0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f],
  v128: [],
};
/** Results whose NaN bits follow from the operands'. */
const PASSING = new Set([0x8b, 0x8c, 0x98, 0x99, 0x9a, 0xa6]);
const CONVERT: Record<Type, [number[], Type][]> = {
  i32: [
    [[0xa7], 'i64'],
    [[0xfc, 0], 'f32'],
    [[0xfc, 3], 'f64'],
    [[0xbc], 'f32'],
    [[0x5b], 'f32'],
    [[0x63], 'f64'],
    [[0x51], 'i64'],
    [[0xaa], 'f64'],
  ],
  i64: [
    [[0xac], 'i32'],
    [[0xad], 'i32'],
    [[0xfc, 4], 'f32'],
    [[0xfc, 7], 'f64'],
    [[0xbd], 'f64'],
  ],
  f32: [
    [[0xb2], 'i32'],
    [[0xb5], 'i64'],
    [[0xb6], 'f64'],
    [[0xbe], 'i32'],
  ],
  f64: [
    [[0xb7], 'i32'],
    [[0xba], 'i64'],
    [[0xbb], 'f32'],
    [[0xbf], 'i64'],
  ],
  v128: [],
};
const COMPARES = new Set([0x5b, 0x63, 0x51]);
const COMPUTED = new Set([0xb6, 0xbb]);
const LOAD: Record<Type, number[]> = { i32: [0x28], i64: [0x29], f32: [0x2a], f64: [0x2b], v128: [0xfd, 0] };
const STORE: Record<Type, number[]> = { i32: [0x36], i64: [0x37], f32: [0x38], f64: [0x39], v128: [0xfd, 11] };

/** The last locals of every function count loops down and are never written by anything else. */
const COUNTERS = 3;

interface Signature {
  params: Type[];
  result: Type;
}

export class RandomProgram {
  private state: number;
  private readonly signatures: Signature[];
  private locals: Type[] = [];
  private counters = 0;
  private self = 0;
  private labels: ('plain' | 'loop')[] = [];
  private budget = 0;

  constructor(
    seed: number,
    private readonly canonical: boolean,
  ) {
    this.state = (seed * 2654435761) >>> 0 || 1;
    this.signatures = Array.from({ length: 2 + this.next(5) }, () => ({
      params: Array.from({ length: this.next(4) }, () => this.type()),
      result: this.type(),
    }));
  }

  private next(n: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % n;
  }

  private type(): Type {
    return TYPES[this.next(TYPES.length)] as Type;
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.next(list.length)] as T;
  }

  private constant(type: Type): number[] {
    if (type === 'i32')
      return [0x41, ...sleb(BigInt(this.pick([0, 1, -1, 7, 255, this.next(65536), -this.next(1 << 30), 0x7fffffff]) | 0))];
    if (type === 'i64')
      return [
        0x42,
        ...sleb(BigInt.asIntN(64, BigInt(this.pick([0, 1, -1, this.next(1e9), -this.next(1e9)])) * this.pick([1n, 1n, 0x100000001n]))),
      ];
    if (type === 'v128') return [0xfd, 12, ...this.words(4)];
    if (this.next(3) === 0) return type === 'f32' ? [0x43, ...this.words(1)] : [0x44, ...this.words(2)];
    const value = this.pick([
      0,
      -0,
      1,
      -1,
      0.5,
      2.75,
      1e30,
      -1e-30,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      this.next(1000) / 7,
    ]);
    const bytes = Buffer.alloc(type === 'f32' ? 4 : 8);
    if (type === 'f32') bytes.writeFloatLE(value);
    else bytes.writeDoubleLE(value);
    return [type === 'f32' ? 0x43 : 0x44, ...bytes];
  }

  private words(n: number): number[] {
    return Array.from({ length: n }, () => this.pick(WORDS)).flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
  }

  private computed(type: Type, code: number[]): number[] {
    if (!this.canonical || (type !== 'f32' && type !== 'f64')) return code;
    return [...code, 0x10, HELPER[type]];
  }

  private address(depth: number): number[] {
    return [...this.expression('i32', depth), 0x41, ...sleb(BigInt(this.next(300) === 0 ? 0x1ffff : this.pick([0x7ff8, 0x7f8]))), 0x71];
  }

  /** Divisors that are never zero, but for one in forty: most programs should get to their end. */
  private mostlyOdd(op: number): number[] {
    if (this.next(40) === 0) return [];
    if (op >= 0x6d && op <= 0x70) return [0x41, 1, 0x72];
    if (op >= 0x7f && op <= 0x82) return [0x42, 1, 0x84];
    return [];
  }

  private localOf(type: Type): number | null {
    const found = this.locals.flatMap((t, i) => (t === type && i < this.locals.length - COUNTERS ? [i] : []));
    return found.length ? this.pick(found) : null;
  }

  expression(type: Type, depth: number): number[] {
    this.budget--;
    const local = this.localOf(type);
    if (depth <= 0 || this.budget < 0) return local !== null && this.next(3) ? [0x20, ...leb(local)] : this.constant(type);
    const choice = this.next(12);
    if (type === 'v128' ? choice < 5 : choice === 11) return this.vector(this.pick(VECTOR_OPS_BY_RESULT[LETTER[type]]), depth);
    switch (choice) {
      case 0:
      case 1:
      case 2: {
        const op = this.pick(BINARY[type]);
        const code = [...this.expression(type, depth - 1), ...this.expression(type, depth - 1), ...this.mostlyOdd(op), op];
        return PASSING.has(op) ? code : this.computed(type, code);
      }
      case 3: {
        const op = this.pick(UNARY[type]);
        const code = [...this.expression(type, depth - 1), op];
        return PASSING.has(op) ? code : this.computed(type, code);
      }
      case 4: {
        const [ops, from] = this.pick(CONVERT[type]);
        const first = ops[0] as number;
        const code = [...this.expression(from, depth - 1), ...(COMPARES.has(first) ? this.expression(from, depth - 1) : []), ...ops];
        return COMPUTED.has(first) ? this.computed(type, code) : code;
      }
      case 5:
        return [...this.address(depth - 1), ...LOAD[type], this.next(3), ...leb(this.next(64))];
      case 6:
        return [...this.expression(type, depth - 1), ...this.expression(type, depth - 1), ...this.expression('i32', depth - 1), 0x1b];
      case 7: {
        this.labels.push('plain');
        const code = [
          0x04,
          CODE[type],
          ...this.statements(1, depth - 1),
          ...this.expression(type, depth - 1),
          0x05,
          ...this.expression(type, depth - 1),
          0x0b,
        ];
        this.labels.pop();
        return [...this.expression('i32', depth - 1), ...code];
      }
      case 8: {
        const least = this.labels.includes('loop') ? this.signatures.length - 2 : this.self;
        const later = this.signatures.flatMap((s, i) => (i > Math.max(least, this.self) && s.result === type ? [i] : []));
        if (!later.length) return this.constant(type);
        const callee = this.pick(later);
        return [
          ...(this.signatures[callee] as Signature).params.flatMap((t) => this.expression(t, depth - 1)),
          0x10,
          ...leb(callee + HELPERS),
        ];
      }
      case 9:
        return local === null ? this.constant(type) : [...this.expression(type, depth - 1), 0x22, ...leb(local)];
      default: {
        this.labels.push('plain');
        const code = [
          0x02,
          CODE[type],
          ...this.expression(type, depth - 1),
          ...this.expression('i32', depth - 1),
          0x0d,
          0,
          0x1a,
          ...this.expression(type, depth - 1),
          0x0b,
        ];
        this.labels.pop();
        return code;
      }
    }
  }

  private vector(op: VectorOp, depth: number): number[] {
    const operands = op.operands.map((letter, i) =>
      op.address && i === 0 ? this.address(depth - 1) : this.expression(TYPE[letter], depth - 1),
    );
    const code = [...operands.flat(), 0xfd, ...leb(op.number)];
    if (op.address) code.push(0, ...leb(this.next(64)));
    if (op.lanes > 0) code.push(this.next(op.lanes));
    if (op.immediate === 'shuffle') code.push(...shuffle((n) => this.next(n)));
    return this.canonical && op.computes ? [...code, 0x10, HELPER[op.computes]] : code;
  }

  private statements(count: number, depth: number): number[] {
    const code: number[] = [];
    for (let i = 0; i < count && this.budget > 0; i++) code.push(...this.statement(depth));
    return code;
  }

  private statement(depth: number): number[] {
    this.budget--;
    const type = this.type();
    switch (this.next(14)) {
      case 0:
      case 1:
      case 2: {
        const local = this.localOf(type);
        return local === null ? [0x01] : [...this.expression(type, depth), 0x21, ...leb(local)];
      }
      case 3:
      case 4:
        return [...this.address(depth - 1), ...this.expression(type, depth), ...STORE[type], this.next(3), ...leb(this.next(64))];
      case 5: {
        this.labels.push('plain');
        const code = [
          0x04,
          0x40,
          ...this.statements(2, depth - 1),
          ...(this.next(2) ? [0x05, ...this.statements(2, depth - 1)] : []),
          0x0b,
        ];
        this.labels.pop();
        return [...this.expression('i32', depth - 1), ...code];
      }
      case 6:
        return depth > 0 ? this.loop(depth) : [0x01];
      case 7: {
        this.labels.push('plain');
        const code = [0x02, 0x40, ...this.statements(2, depth - 1), ...this.leave(depth), ...this.statements(1, depth - 1), 0x0b];
        this.labels.pop();
        return code;
      }
      case 8: {
        const arms = 2 + this.next(3);
        for (let i = 0; i < arms; i++) this.labels.push('plain');
        let code: number[] = [...this.expression('i32', depth - 1), 0x0e, ...leb(arms - 1), ...Array.from({ length: arms }, (_, i) => i)];
        for (let i = 0; i < arms; i++) {
          this.labels.pop();
          code = [0x02, 0x40, ...code, 0x0b, ...(i < arms - 1 ? this.statements(1, depth - 1) : [])];
        }
        return code;
      }
      case 9:
        return [
          0x41,
          ...sleb(BigInt(this.next(60000))),
          ...this.expression('i32', 0),
          0x41,
          ...sleb(BigInt(this.next(3000))),
          0xfc,
          0x0b,
          0,
        ];
      case 10:
        return [...this.expression(type, depth), 0x1a];
      case 11:
        return this.vector(this.pick(VECTOR_STORES), depth);
      case 12:
        return [...this.expression('v128', depth), 0x24, 1];
      default:
        return [...this.expression('f64', depth), 0x24, 0];
    }
  }

  private loop(depth: number): number[] {
    if (this.counters === 0) return [0x01];
    const counter = this.locals.length - this.counters--;
    this.labels.push('loop');
    const body = this.statements(2, depth - 1);
    this.labels.pop();
    return [
      0x41,
      ...sleb(BigInt(1 + this.next(6))),
      0x21,
      ...leb(counter),
      0x03,
      0x40,
      ...body,
      0x20,
      ...leb(counter),
      0x41,
      0x7f,
      0x6a,
      0x22,
      ...leb(counter),
      0x0d,
      0,
      0x0b,
    ];
  }

  /** A branch out of a block, or a return; never back to a loop, which only its counter may repeat. */
  private leave(depth: number): number[] {
    const targets = this.labels.flatMap((kind, i) => (kind === 'plain' ? [this.labels.length - 1 - i] : []));
    if (this.next(8) === 0) return [...this.expression((this.signatures[this.self] as Signature).result, depth - 1), 0x0f];
    return [...this.expression('i32', depth - 1), 0x0d, ...leb(this.voidTarget(targets))];
  }

  /** The innermost block, which is always one without results when `leave` is called. */
  private voidTarget(targets: number[]): number {
    return Math.min(...targets);
  }

  private body(index: number): number[] {
    const { params, result } = this.signatures[index] as Signature;
    this.self = index;
    this.budget = 120;
    this.counters = COUNTERS;
    const own = Array.from({ length: 3 + this.next(5) }, () => this.type());
    this.locals = [...params, ...own, 'i32', 'i32', 'i32'];
    this.labels = [];
    const code = [...this.statements(4 + this.next(5), 3), ...this.expression(result, 2), 0x0b];
    const declarations = vector([...own, 'i32' as Type, 'i32' as Type, 'i32' as Type].map((t) => [1, CODE[t]]));
    return [...leb(declarations.length + code.length), ...declarations, ...code];
  }

  /** Exports `run` (its results go to the end of memory), `memory` and the global `g`. */
  bytes(): Uint8Array {
    const words = (list: number[]) => list.flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
    /** value, canonical NaN, value equal to itself: select, or in a vector bitselect. */
    const helpers: { type: Type; constant: number[]; equal: number[]; choose: number[] }[] = [
      { type: 'f32', constant: [0x43, ...words([0x7fc00000])], equal: [0x5b], choose: [0x1b] },
      { type: 'f64', constant: [0x44, ...words([0, 0x7ff80000])], equal: [0x61], choose: [0x1b] },
      { type: 'v128', constant: [0xfd, 12, ...words(new Array(4).fill(0x7fc00000))], equal: [0xfd, 65], choose: [0xfd, 82] },
      { type: 'v128', constant: [0xfd, 12, ...words([0, 0x7ff80000, 0, 0x7ff80000])], equal: [0xfd, 71], choose: [0xfd, 82] },
    ];
    const canonicalise = helpers.map(({ constant, equal, choose }) => {
      const body = [0, 0x20, 0, ...constant, 0x20, 0, 0x20, 0, ...equal, ...choose, 0x0b];
      return [...leb(body.length), ...body];
    });
    const types = [
      ...helpers.map(({ type }) => [0x60, 1, CODE[type], 1, CODE[type]]),
      ...this.signatures.map(({ params, result }) => [0x60, ...vector(params.map((t) => [CODE[t]])), 1, CODE[result]]),
      [0x60, 0, 0],
    ];
    const bodies = this.signatures.map((_, i) => this.body(i));
    this.locals = [];
    this.counters = 0;
    this.self = this.signatures.length;
    const run = [
      0,
      ...this.signatures.flatMap(({ params, result }, i) => [
        0x41,
        ...sleb(BigInt(MEMORY_BYTES - 16 * (i + 1))),
        ...params.flatMap((t) => this.constant(t)),
        0x10,
        ...leb(i + HELPERS),
        ...STORE[result],
        0,
        0,
      ]),
      0x0b,
    ];
    const functions = types.length;
    const name = (text: string) => [text.length, ...Buffer.from(text)];
    return Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, vector(types)),
      ...section(3, vector(Array.from({ length: functions }, (_, i) => leb(i)))),
      ...section(5, [1, 1, 1, 4]),
      ...section(6, [2, 0x7c, 1, 0x44, ...words([0, 0]), 0x0b, 0x7b, 1, 0xfd, 12, ...words([0, 0, 0, 0]), 0x0b]),
      ...section(
        7,
        vector([
          [...name('run'), 0, ...leb(functions - 1)],
          [...name('memory'), 2, 0],
          [...name('g'), 3, 0],
        ]),
      ),
      ...section(10, vector([...canonicalise, ...bodies, [...leb(run.length), ...run]])),
      ...section(11, [1, 0, 0x41, 0, 0x0b, ...leb(DATA_BYTES), ...this.words(DATA_BYTES / 4)]),
    ]);
  }
}
