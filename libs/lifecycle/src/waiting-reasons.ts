import { formatMajor, type Micro } from '#units';
import { amountOf, duration, explainer, type Sentences } from './reason.js';

/**
 * Why something waits or goes on as it does. Why the market matched nothing is said by `#auction`, with its numbers; these are the
 * other reasons.
 */
export const WAITING_REASONS = {
  // Jobs
  next_round: () => 'Waits for the next round of its market, which clears within a quarter of a second.',
  no_inputs: () => 'Has no inputs yet: add some, or close the job.',
  open_for_inputs: () => 'Every input so far is done; the job is open for more until it is closed.',
  running: ({ leases }: { leases: number }) => `Runs on ${amountOf(leases, 'leased slot')}.`,
  finishing: ({ tasks }: { tasks: number }) => `${amountOf(tasks, 'last task')} still ${tasks === 1 ? 'runs' : 'run'}.`,
  in_check: ({ tasks }: { tasks: number }) =>
    `All tasks are done; the check of ${amountOf(tasks, 'result')}, which the level or the job's own verifier asks for, is still to come.`,
  day_cap: ({ cap_micro }: { cap_micro: Micro }) =>
    `Today's spending cap of ${formatMajor(cap_micro)} is reached: it goes on tomorrow, or raise the cap.`,
  meter_differs: ({ nodes }: { nodes: number }) =>
    `${amountOf(nodes, 'node')} would do, but lately metered its module otherwise than the heap did: they or the heap must be updated.`,
  waiting_for_funds: ({ short_micro }: { short_micro: Micro }) =>
    `The balance is ${formatMajor(short_micro)} short of the budget: deposit at least that much.`,
  own_priority: () => 'Lets another job of its developer go first, which has a higher priority and lacks slots.',
  // Tasks
  in_queue: ({ ahead }: { ahead: number }) =>
    ahead === 0 ? 'Is next in the queue of its job.' : `Waits behind ${amountOf(ahead, 'task')} of its job.`,
  requeued: ({ attempt, attempts_max }: { attempt: number; attempts_max: number }) =>
    `Attempt ${attempt} of ${attempts_max} did not end with a result; it is first in line for the next slot.`,
  on_node: ({ node_id }: { node_id: string }) => `Runs on node ${node_id}.`,
  prefetched: ({ node_id }: { node_id: string }) => `Lies ready on node ${node_id} and runs when its slot is free.`,
  result_in_check: ({ remaining_ms }: { remaining_ms: number }) =>
    `The result is there and may still be checked for ${duration(remaining_ms)}.`,
  // Leases
  term: ({ remaining_ms }: { remaining_ms: number }) => `Holds its slot for another ${duration(remaining_ms)} at an unchanging price.`,
  displaced_soon: ({ remaining_ms }: { remaining_ms: number }) =>
    `A higher bid takes the slot in ${duration(remaining_ms)}; running tasks may finish.`,
  owner_wants_device: ({ remaining_ms }: { remaining_ms: number }) =>
    `The owner takes the device back in ${duration(remaining_ms)}; nothing new is started.`,
  reconnecting: ({ remaining_ms }: { remaining_ms: number }) =>
    `The node's connection broke; its tasks are given to others if it is not back within ${duration(remaining_ms)}.`,
  // Money
  held: () => 'Held for this job until its work is accepted; what is not used returns.',
  in_holdback: ({ remaining_ms }: { remaining_ms: number }) =>
    `Earned; becomes payable in ${duration(remaining_ms)} unless the work is proven wrong.`,
  in_holdback_new_payer: ({ remaining_ms }: { remaining_ms: number }) =>
    `Earned from a payer who is new here, whose card may still be disputed; becomes payable in ${duration(remaining_ms)}.`,
  in_holdback_new_owner: ({ remaining_ms }: { remaining_ms: number }) =>
    `Earned while you are new here, when earnings are held for longer; becomes payable in ${duration(remaining_ms)}.`,
  in_final_check: () =>
    'Earned; its time in holdback is over, and it becomes payable when the results are final: after more results of the same device, or by checks.',
  in_dispute: ({ remaining_ms }: { remaining_ms: number }) =>
    `Objected to by its buyer; decided within ${duration(remaining_ms)}, otherwise it is the owner's.`,
  objection_decided: ({ remaining_ms }: { remaining_ms: number }) =>
    `The objection is decided; what is the owner's becomes payable with the end of the holdback, in ${duration(remaining_ms)}.`,
  payment_disputed: () => 'The payment it came from is disputed at the bank, and payer and owner are linked: it waits for the outcome.',
  in_holdback_own_use: ({ remaining_ms }: { remaining_ms: number }) =>
    `Earned by your own jobs: yours to spend again in ${duration(remaining_ms)}, never to pay out.`,
  in_reserve: ({ remaining_ms }: { remaining_ms: number }) =>
    `A part of a new owner's earnings is kept in case work is proven wrong; it comes back in ${duration(remaining_ms)}.`,
  deposit_clearing: () => 'The payment arrived and clears at the provider; it can be spent already.',
  below_minimum: ({ short_micro }: { short_micro: Micro }) => `${formatMajor(short_micro)} more are needed for a payout.`,
  in_screening: () => 'The payout is being screened; this takes seconds unless a person must look.',
  identity_missing: () => 'Payouts wait until the payment provider has confirmed your identity: finish the form it opened.',
  bank_details_new: ({ remaining_ms }: { remaining_ms: number }) =>
    `The bank details changed lately; for your safety payouts go on in ${duration(remaining_ms)}.`,
  credentials_new: ({ remaining_ms }: { remaining_ms: number }) =>
    `Your password or address changed lately; for your safety payouts go on in ${duration(remaining_ms)}.`,
  debt_open: ({ debt_micro }: { debt_micro: Micro }) => `Earnings first pay the open debt of ${formatMajor(debt_micro)}.`,
  account_frozen: () => 'The account is frozen while a case is looked at; write to the heap to hear why or to object.',
  transfer_outcome_unknown: () =>
    'The provider did not answer; the same transfer is asked again with the same key, so it cannot be paid twice.',
  at_the_bank: () => 'The provider has sent it to the bank, which usually takes one or two working days.',
  // Buyers, as owners see them
  buyer_new: () => 'Has finished no job here yet.',
  buyer_took_payments_back: ({ disputes, lost }: { disputes: number; lost: number }) =>
    `Had ${amountOf(disputes, 'payment')} taken back by the bank, ${lost} of them for good; held work is then not paid out.`,
  buyer_objected: ({ objections, refused }: { objections: number; refused: number }) =>
    `Objected to work ${objections === 1 ? 'once' : `${objections} times`}; ${refused} of these ${refused === 1 ? 'was' : 'were'} decided for the owner.`,
  buyer_cancelled_started: ({ jobs }: { jobs: number }) => `Cancelled ${amountOf(jobs, 'job')} that had begun; what was finished was paid.`,
  buyer_refused: ({ owners }: { owners: number }) => `Is refused by name by ${amountOf(owners, 'owner')}.`,
  // Nodes
  meter_differs_here: ({ orders }: { orders: number }) =>
    `${amountOf(orders, 'order')} would fit, but this node lately metered their modules otherwise than the heap did: update its agent.`,
  never_connected: () => 'Enrolled, but its agent has not connected yet: start the agent on the device.',
  measuring: () => 'Connected; measures its speed before it offers slots.',
  offering: ({ slots }: { slots: number }) => `Offers ${amountOf(slots, 'free slot')}.`,
  computing: ({ leased }: { leased: number }) => `Works on ${amountOf(leased, 'leased slot')}.`,
  held_by_owner: () => 'Paused by its owner with the hold button.',
  outside_hours: ({ remaining_ms }: { remaining_ms: number }) =>
    `Outside the hours its owner allows; they begin again in ${duration(remaining_ms)}.`,
  in_use: () => 'Its owner is using the device.',
  on_battery: () => 'Runs on battery; its owner allows work only while it charges.',
  battery_low: ({ level, level_min }: { level: number; level_min: number }) =>
    `Its battery is at ${percent(level)}; its owner allows work from ${percent(level_min)}.`,
  too_warm: ({ temperature_c, limit_c }: { temperature_c: number; limit_c: number }) =>
    `It is ${temperature_c} °C warm; its owner allows work up to ${limit_c} °C.`,
  metered_network: () => 'It is on a metered network, where its owner allows no work.',
  power_expensive: () => 'Electricity costs more at this hour than its owner allows for.',
  draining: ({ tasks }: { tasks: number }) => `Finishes ${amountOf(tasks, 'task')} and takes no more.`,
  away: ({ remaining_ms }: { remaining_ms: number }) => `Its connection broke; its leases wait for it another ${duration(remaining_ms)}.`,
  gone: () => 'Not heard of for so long that its leases went to others; it may come back at any time.',
} as const satisfies Sentences;

export type WaitingCode = keyof typeof WAITING_REASONS;

/** `waiting('day_cap', { cap_micro })` → `{ code, sentence }`. */
export const waiting = explainer(WAITING_REASONS);

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
