// `npm start -- --demo`: two real jobs through the SDK, a picture and word statistics, with their receipts and what the owner earned.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PICTURE, render } from '../../dist/examples/mandelbrot/render.js';
import { analyseFiles, ownDocuments, reportText } from '../../dist/examples/words/words.js';
import { Heap } from '../../dist/libs/sdk/src/index.js';
import { formatMajor } from '../../dist/libs/units/src/index.js';

const FUNDS_MICRO = 2_000_000n;
/** Settlement follows the last result within moments. */
const SETTLED_WITHIN_MS = 15_000;

/**
 * Runs both examples against a heap and tells how it went, line by line.
 * @param {{url: string, api_key: string, out_dir: string, log?: (line: string) => void}} options
 * @returns {Promise<{picture: string, jobs: string[], charged_micro: bigint, earned_micro: bigint}>}
 * @throws Error when a job fails or the owner did not earn what was charged without the fee.
 */
export async function runDemo({ url, api_key, out_dir, log = console.log }) {
  const heap = new Heap({ url, apiKey: api_key });
  const before = await heap.balance();
  const money = (amount) => `${formatMajor(amount)} ${before.currency}${before.simulated ? ' (simulated)' : ''}`;
  if (before.simulated && before.developer.available_micro < FUNDS_MICRO) await heap.deposit(FUNDS_MICRO);
  log(`Owner's earnings before: ${money(before.owner.earned_micro)}`);

  const file = path.join(out_dir, 'mandelbrot.png');
  const picture = await timed(() => render(heap, PICTURE, file, milestones(log)));
  log(`Picture: ${picture.tiles} tiles in ${picture.seconds} s, ${picture.fuel_used} fuel, ${money(picture.cost)} → ${file}`);
  const pictured = await receipt(heap, picture.job_id, money, log);

  const words = await timed(async () => analyseFiles(heap, await ownDocuments()));
  log(`Words: ${words.documents.length} documents in ${words.seconds} s, ${words.fuel_used} fuel, ${money(words.cost)}`);
  log(reportText(words));
  const read = await receipt(heap, words.job_id, money, log);

  const charged_micro = pictured.charged_micro + read.charged_micro;
  const due_micro = charged_micro - pictured.fee_micro - read.fee_micro;
  const earned_micro = await earnings(heap, before.owner.earned_micro, due_micro);
  log(`Owner's earnings after: ${money(before.owner.earned_micro + earned_micro)}, which is ${money(earned_micro)} more;`);
  log('  earned from oneself, as here, it goes back to what you can spend and is never paid out.');
  if (charged_micro === 0n) throw new Error('the demo cost nothing: its tasks were not metered');
  if (earned_micro < due_micro)
    throw new Error(`the owner earned ${earned_micro} of ${due_micro} micro-units within ${SETTLED_WITHIN_MS} ms`);
  return { picture: file, jobs: [picture.job_id, words.job_id], charged_micro, earned_micro };
}

async function timed(work) {
  const started = performance.now();
  const result = await work();
  return { ...result, seconds: ((performance.now() - started) / 1000).toFixed(1) };
}

function milestones(log) {
  return (done, of) => {
    if (done === 1 || done === of || done % Math.ceil(of / 4) === 0) log(`  ${done} of ${of} tiles`);
  };
}

async function receipt(heap, job_id, money, log) {
  const receipt = await heap.job(job_id).receipt();
  log(`Receipt of job ${job_id}:`);
  for (const line of receipt.lines)
    log(
      `  lease ${line.lease_id}: ${line.tasks} tasks, ${line.fuel} fuel at ${money(line.price_micro)} per 10¹², ${money(line.charge_micro)}`,
    );
  log(
    `  charged ${money(receipt.charged_micro)} of a budget of ${money(receipt.budget_micro)} (${fee(receipt, money)}), returned ${money(receipt.returned_micro)}`,
  );
  return receipt;
}

/** A tenth of a few micro-units is less than one: the fee rounds down. */
const fee = ({ fee_micro, charged_micro }, money) =>
  fee_micro === 0n && charged_micro > 0n ? 'the fee rounds down to nothing' : `fee ${money(fee_micro)}`;

/** What the owner has more than before, as soon as it is all there. */
async function earnings(heap, before_micro, due_micro) {
  for (const deadline = Date.now() + SETTLED_WITHIN_MS; ; await sleep(200)) {
    const earned_micro = (await heap.balance()).owner.earned_micro - before_micro;
    if (earned_micro >= due_micro || Date.now() > deadline) return earned_micro;
  }
}
