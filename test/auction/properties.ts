/**
 * `npm run test:auction -- --instances 5000 [--seed n]`
 *
 * What the auction promises, each promise on so many random small rounds: against an exact solver (rational, balanced, no envy, greatest
 * welfare, one-unit orders truthful, the same for every order of its input) and, of everything unmatched, its reason against the true cause. Without a seed
 * one is drawn; it is printed, and the same seed gives the same rounds. Progress goes to standard error; Ctrl-C stops it.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Claim } from '../../libs/auction/src/testing/claim.js';
import { clearClaims } from '../../libs/auction/src/testing/clear-properties.js';
import { reasonClaim } from '../../libs/auction/src/testing/reason-properties.js';

/** Rounds between two looks at the clock and at Ctrl-C. */
const STRETCH = 250;
/** In fewer instances not everything that may come up does. */
const ENOUGH = 1_000;
const SEED_END = 2 ** 31;

function whole(name: string, given: string | undefined, otherwise: number, least: number, end: number): number {
  const value = Number(given ?? otherwise);
  if (Number.isInteger(value) && value >= least && value < end) return value;
  console.error(`--${name} is a whole number from ${least} to ${end - 1}.`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({ options: { instances: { type: 'string' }, seed: { type: 'string' } } });
    return {
      instances: whole('instances', values.instances, 5_000, 1, 100_000_000),
      seed: whole('seed', values.seed, Math.floor(Math.random() * SEED_END), 0, SEED_END),
    };
  } catch (error) {
    console.error(`${(error as Error).message} Known are --instances and --seed.`);
    process.exit(2);
  }
}

const { instances, seed } = options();
const claims = [...clearClaims, reasonClaim()];
process.stderr.write(`${claims.length} properties, ${instances.toLocaleString('en')} instances each, --seed ${seed}\n`);

/** @returns what is wrong, or undefined. */
async function tried({ name, fails, atEnd }: Claim): Promise<string | undefined> {
  for (let done = 0; done < instances; done += STRETCH) {
    process.stderr.write(`\r${name}: ${done.toLocaleString('en')} of ${instances.toLocaleString('en')} `);
    await breathe();
    const wrong = fails(Math.min(STRETCH, instances - done), (seed + done / STRETCH) % SEED_END);
    if (wrong !== undefined) return wrong;
  }
  if (instances < ENOUGH) return undefined;
  try {
    atEnd();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

let passed = 0;
let failed = 0;
for (const one of claims) {
  const began = performance.now();
  const wrong = await tried(one);
  process.stderr.write(
    `\r\x1b[K${wrong === undefined ? 'holds' : 'FAILS'} (${Math.round((performance.now() - began) / 1_000)} s): ${one.name}\n`,
  );
  if (wrong === undefined) passed++;
  else {
    failed++;
    console.error(wrong);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
