/** `npm run test:fuzz -- [seconds] [first seed]`: random programs, plain against metered, until the time is up or something differs. */
import { fuzzOne } from './fuzz-one.js';

const seconds = Number(process.argv[2] ?? 600);
const first = Number(process.argv[3] ?? 1);
const end = performance.now() + seconds * 1000;
let seed = first;
let trapped = 0;
let shows_nans = 0;
while (performance.now() < end) {
  const program = fuzzOne(seed);
  if (program.trapped) trapped++;
  if (program.shows_nans) shows_nans++;
  seed++;
}
console.log(`${seed - first} programs: ${trapped} trapped, ${shows_nans} would have shown NaN bits of this engine; no difference`);
