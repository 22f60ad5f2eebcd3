/** `npm run test:fuzz -- [seconds] [first seed]`: random programs, plain against metered, until the time is up or something differs. */
import { fuzzOne } from './fuzz-one.js';

const seconds = Number(process.argv[2] ?? 600);
const first = Number(process.argv[3] ?? 1);
const end = performance.now() + seconds * 1000;
let seed = first;
let trapped = 0;
while (performance.now() < end) {
  if (fuzzOne(seed).trapped) trapped++;
  seed++;
}
console.log(`${seed - first} programs, ${trapped} of them trapped; no difference`);
