import {
  add,
  addWords,
  and,
  below,
  type Code,
  constant,
  type Func,
  get,
  I32,
  load,
  loadSplat,
  or,
  repeat,
  set,
  shiftLeftWords,
  shiftRightWords,
  shuffle,
  store,
  subtract,
  tee,
  V128,
  xor,
} from './assembler.js';

/**
 * SHA-256 of four messages of one length at once: word i of each stands in one vector, and every step of the rounds is done on all four.
 * The leaves of a hash tree are such messages.
 */
export const LANES = 4;
const VECTOR = 16;
const WORDS = 16;
const BLOCK = 64;
const ROUNDS = 64;

const range = (count: number): number[] => [...Array(count).keys()];
const each = (count: number, code: (i: number) => Code): number[] => range(count).flatMap(code);

const [message, stride, blocks, state, constants] = [0, 1, 2, 3, 4] as const;
const working = (i: number) => 5 + i;
const word = (i: number) => 13 + (i % WORDS);
const [one, spare] = [29, 30] as const;
const lane = (i: number) => 31 + i;
const [round, end] = [35, 36] as const;

const turned = (value: Code, bits: number): Code => or(shiftRightWords(value, bits), shiftLeftWords(value, 32 - bits));
const turnedThrice = (value: Code, [a, b, c]: readonly [number, number, number]): Code =>
  xor(xor(turned(value, a), turned(value, b)), turned(value, c));
const scheduled = (value: Code, a: number, b: number, shifted: number): Code =>
  xor(xor(turned(value, a), turned(value, b)), shiftRightWords(value, shifted));

const BIG_ENDIAN = range(VECTOR).map((i) => (i & ~3) + 3 - (i & 3));
const pick = (...words: number[]): number[] => words.flatMap((w) => range(4).map((i) => 4 * w + i));

/** Four words of each message, turned so that a vector holds one word of all four. */
const readWords = (quarter: number): Code => {
  const raw = range(LANES).map((i) => word(4 * quarter + i));
  const [a, b, c, d] = raw.map((local) => get(local)) as [Code, Code, Code, Code];
  const swapped = raw.flatMap((local, i) => {
    const bytes = load(get(lane(i)), quarter * VECTOR);
    return set(local, shuffle(bytes, bytes, BIG_ENDIAN));
  });
  const [low, high] = [pick(0, 4, 1, 5), pick(2, 6, 3, 7)];
  const [w0, w1, w2, w3] = raw as [number, number, number, number];
  return [
    ...swapped,
    ...set(one, shuffle(a, b, low)),
    ...set(w1, shuffle(a, b, high)),
    ...set(spare, shuffle(c, d, low)),
    ...set(w3, shuffle(c, d, high)),
    ...set(w0, shuffle(get(one), get(spare), pick(0, 1, 4, 5))),
    ...set(w2, shuffle(get(w1), get(w3), pick(0, 1, 4, 5))),
    ...set(w3, shuffle(get(w1), get(w3), pick(2, 3, 6, 7))),
    ...set(w1, shuffle(get(one), get(spare), pick(2, 3, 6, 7))),
  ];
};

/** FIPS 180-4, 6.2.2, step 3; the working variables keep their places and change their names instead. */
const step = (i: number): Code => {
  const [a, b, c, d, e, f, g, h] = range(8).map((v) => get(working((v - i + 8 * WORDS) % 8))) as Code[] as [
    Code,
    Code,
    Code,
    Code,
    Code,
    Code,
    Code,
    Code,
  ];
  const place = (v: number) => working((v - i + 8 * WORDS) % 8);
  const chosen = xor(g, and(e, xor(f, g)));
  const most = or(and(a, b), and(c, or(a, b)));
  const input = addWords(get(word(i)), loadSplat(get(round), 4 * i));
  return [
    ...set(one, addWords(addWords(addWords(h, input), chosen), turnedThrice(e, [6, 11, 25]))),
    ...set(place(3), addWords(d, get(one))),
    ...set(place(7), addWords(addWords(get(one), most), turnedThrice(a, [2, 13, 22]))),
  ];
};
const next = (i: number): Code => {
  const sum = addWords(get(word(i)), get(word(i + 9)));
  const low = scheduled(get(word(i + 1)), 7, 18, 3);
  const high = scheduled(get(word(i + 14)), 17, 19, 10);
  return set(word(i), addWords(addWords(sum, low), high));
};
const sixteenRounds = (prepare: (i: number) => Code): Code => [
  ...each(WORDS, (i) => [...prepare(i), ...step(i)]),
  ...set(round, add(get(round), constant(4 * WORDS))),
];

/**
 * `hashes(message, stride, blocks, state, constants)`: adds the blocks of four padded messages, which lie `stride` bytes apart, to their
 * states, eight vectors at `state`.
 */
export function hashes(): Func {
  const block = [
    ...each(LANES, (i) => set(lane(i), i === 0 ? get(message) : add(get(lane(i - 1)), get(stride)))),
    ...each(WORDS / 4, readWords),
    ...each(8, (i) => set(working(i), load(get(state), i * VECTOR))),
    ...set(round, get(constants)),
    ...set(end, add(get(constants), constant(4 * ROUNDS))),
    ...sixteenRounds(() => []),
    ...repeat(sixteenRounds(next), below(get(round), get(end))),
    ...each(8, (i) => store(get(state), i * VECTOR, addWords(get(working(i)), load(get(state), i * VECTOR)))),
    ...set(message, add(get(message), constant(BLOCK))),
  ];
  return {
    name: 'hashes',
    parameters: 5,
    locals: [...Array<number>(8 + WORDS + 2).fill(V128), ...Array<number>(LANES + 2).fill(I32)],
    body: repeat(block, tee(blocks, subtract(get(blocks), constant(1)))),
  };
}
