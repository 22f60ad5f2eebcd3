import { RUN } from '../../text/run.en.js';
import type { InputsDraft } from './inputs.js';

export interface Example {
  key: keyof typeof RUN.examples;
  source: string;
  inputs: InputsDraft;
  /** A verifier of one's own that goes with it, where the level is L0. */
  verifier: string;
  /** The most fuel one task may burn, where the usual limit would let a task go on for too long. */
  fuel_limit?: number;
}

const range = (from: number, to: number): InputsDraft => ({ kind: 'range', from, to, step: 1 });
const lines = (...values: unknown[]): InputsDraft => ({ kind: 'lines', text: values.map((value) => JSON.stringify(value)).join('\n') });

const SQUARES = `// Runs once for each input, on whatever device has room for it.
export default (n: number) => n * n;
`;

const MANDELBROT = `// Each task draws one tile. Results of this shape are put together into one picture as they arrive.
const picture = { width: 288, height: 192 };
const tile = { width: 48, height: 24 };
const centre = { re: -0.7453, im: 0.1127 };
const view = 0.0065; // width of the picture in the complex plane
const iterations = 120;

export default (index: number) => {
  const columns = picture.width / tile.width;
  const x = (index % columns) * tile.width;
  const y = Math.floor(index / columns) * tile.height;
  const rgb = new Uint8Array(tile.width * tile.height * 3);
  const step = view / picture.width;
  let at = 0;
  for (let row = 0; row < tile.height; row++) {
    for (let column = 0; column < tile.width; column++) {
      const re = centre.re + (x + column - picture.width / 2) * step;
      const im = centre.im + (y + row - picture.height / 2) * step;
      let [a, b, n] = [0, 0, 0];
      while (n < iterations && a * a + b * b < 4) {
        const next = a * a - b * b + re;
        b = 2 * a * b + im;
        a = next;
        n++;
      }
      const t = n === iterations ? 0 : n / iterations;
      rgb[at++] = 255 * Math.min(1, 2.6 * t);
      rgb[at++] = 255 * t ** 0.8;
      rgb[at++] = t === 0 ? 24 : 90 + 165 * (1 - t) ** 3;
    }
  }
  return { x, y, ...tile, of: picture, rgb: btoa(String.fromCharCode(...rgb)) };
};
`;

const WORDS = `// An input may be any JSON, and so may a result.
interface Text {
  title: string;
  text: string;
}

export default ({ title, text }: Text) => {
  const words = text.toLowerCase().match(/\\p{L}+/gu) ?? [];
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const [most, times] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  return { title, words: words.length, different: counts.size, most, times };
};
`;

const PRIMES = `// Counts the primes of one stretch of a thousand numbers, and finds the widest gap between two of them.
export default (stretch: number) => {
  const [from, to] = [stretch * 1000, (stretch + 1) * 1000];
  const isPrime = (n: number) => {
    if (n < 2) return false;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
    return true;
  };
  let [primes, last, gap] = [0, 0, 0];
  for (let n = from; n < to; n++) {
    if (!isPrime(n)) continue;
    primes++;
    if (last > 0) gap = Math.max(gap, n - last);
    last = n;
  }
  return { from, to, primes, gap };
};
`;

const FAILING = `// Some of these fail, each in its own way. What a task wrote to its console is kept and shown with it.
export default (kind: string) => {
  console.log('I was asked for', kind);
  if (kind === 'throw') throw new RangeError('this input is out of range');
  if (kind === 'loop') for (;;); // ends when its fuel is used up
  if (kind === 'memory') {
    const all = [];
    for (;;) all.push(new Uint8Array(1 << 20)); // more than its slot has
  }
  return \`\${kind}: fine\`;
};
`;

const SQUARE_VERIFIER = `// Looks at every result, in the heap's sandbox: true accepts it, anything with a reason rejects it.
interface Result {
  input: number;
  output: number;
}

export default ({ input, output }: Result) =>
  output === input * input || { accept: false, reason: \`\${input} times itself is not \${output}\` };
`;

const TILE_VERIFIER = `// To check need not be to repeat: is it the tile that was asked for, and is it whole?
interface Result {
  input: number;
  output: { x: number; y: number; width: number; height: number; rgb: string };
}

export default ({ input, output: { x, y, width, height, rgb } }: Result) => {
  if (x !== (input % 6) * 48 || y !== Math.floor(input / 6) * 24) return { accept: false, reason: 'this is another tile' };
  return rgb.length === width * height * 4 || { accept: false, reason: 'pixels are missing' };
};
`;

const WORDS_VERIFIER = `// Is the most frequent word there as often as the result says?
interface Result {
  input: { text: string };
  output: { words: number; different: number; most: string; times: number };
}

export default ({ input, output }: Result) => {
  const there = (input.text.toLowerCase().match(/\\p{L}+/gu) ?? []).filter((word) => word === output.most).length;
  return there === output.times || { accept: false, reason: \`"\${output.most}" is there \${there} times\` };
};
`;

const PRIMES_VERIFIER = `// Rules out what cannot be, for a fraction of the work: no stretch of a thousand has more than 168 primes.
interface Result {
  input: number;
  output: { from: number; to: number; primes: number };
}

export default ({ input, output: { from, to, primes } }: Result) =>
  (from === input * 1000 && to === from + 1000 && primes <= 168) || { accept: false, reason: 'that is not this stretch' };
`;

const FAILING_VERIFIER = `// It is asked about tasks that failed as well: their output is null, and the verdict says how they ended.
interface Result {
  input: string;
  verdict: string;
}

export default ({ input, verdict }: Result) => {
  const shall_fail = ['throw', 'loop', 'memory'].includes(input);
  return (verdict === 'ok') !== shall_fail || { accept: false, reason: \`\${input} ended by \${verdict}\` };
};
`;

export const EXAMPLES: readonly Example[] = [
  { key: 'squares', source: SQUARES, inputs: range(1, 20), verifier: SQUARE_VERIFIER },
  { key: 'mandelbrot', source: MANDELBROT, inputs: range(0, 47), verifier: TILE_VERIFIER },
  {
    key: 'words',
    source: WORDS,
    verifier: WORDS_VERIFIER,
    inputs: lines(
      { title: 'A proverb', text: 'Many hands make light work, and many devices make light of it.' },
      { title: 'A rhyme', text: 'The heap is high, the price is low, and what nobody needs may go.' },
      { title: 'A rule', text: 'Pay for what ran, not for the time that it took to run.' },
      { title: 'Ein Satz', text: 'Wer rastet, der rostet, aber wer wartet, der rechnet.' },
    ),
  },
  { key: 'primes', source: PRIMES, inputs: range(0, 29), verifier: PRIMES_VERIFIER },
  {
    key: 'failing',
    source: FAILING,
    verifier: FAILING_VERIFIER,
    inputs: lines('one', 'throw', 'two', 'loop', 'memory', 'three'),
    fuel_limit: 1_000_000_000,
  },
];
