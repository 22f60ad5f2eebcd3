/**
 * `npm run test:fuzz -- [--seconds 600] [--seed 1]`: random programs, plain against metered, until the time is up, something differs or
 * Ctrl-C. Prints how far it is every ten seconds.
 */
import { parseArgs } from 'node:util';
import { fuzzOne } from './fuzz-one.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' } } });
const seconds = positive('seconds', values.seconds);
const first = positive('seed', values.seed);
const began = performance.now();
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});

let seed = first;
let trapped = 0;
let shows_nans = 0;
let told = began;
while (!stopped && performance.now() - began < seconds * 1000) {
  const program = fuzzOne(seed);
  if (program.trapped) trapped++;
  if (program.shows_nans) shows_nans++;
  seed++;
  if (performance.now() - told > 10_000) {
    told = performance.now();
    console.error(`fuzz: ${seed - first} programs in ${Math.round((told - began) / 1000)} of ${seconds} s`);
    // A signal is delivered only between turns of the event loop.
    await new Promise(setImmediate);
  }
}
if (seed === first) throw new Error('no program ran: give --seconds more time');
console.log(`${seed - first} programs: ${trapped} trapped, ${shows_nans} would have shown NaN bits of this engine; no difference`);

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`--${name} is a number above 0, not ${JSON.stringify(text)}`);
  return value;
}
