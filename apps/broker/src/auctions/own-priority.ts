import type { Clearing, UnmatchedOrder } from '#auction';
import type { WaitingJob } from './demand.store.js';

type Job = Pick<WaitingJob, 'id' | 'person_id' | 'priority'>;

/** At most so many slots a job asks for, where it gives way to another of its developer. */
export type Caps = ReadonlyMap<string, number>;

/** One round as it was cleared. */
export interface Ranked<C> {
  clearing: C;
  caps: Caps;
}

type Outcome = Pick<Clearing, 'assignments'> & { unmatched_orders: readonly Pick<UnmatchedOrder, 'order_id' | 'slots'>[] };

/**
 * Among one developer's jobs the higher priority comes first; what the others bid and pay is not touched. A round is cleared as the bids say.
 * Where a job then lacks slots and others of its developer with lower priorities won some, those ask for as many fewer, the lowest first, and the
 * round is cleared again; who gave way for nothing, because the slot would go to somebody else or does not suit, gets back what it had asked for.
 * @param clear the round in which these jobs ask for no more than that.
 */
export function byOwnPriority<C extends Outcome>(jobs: readonly Job[], clear: (caps: Caps) => C): Ranked<C> {
  const first = clear(new Map());
  const had = slotsOf(first);
  const asked = teamsOf(jobs).flatMap((team) => giveWay(team, first));
  if (asked.length === 0) return { clearing: first, caps: new Map() };
  const all = capsOf(asked, had);
  const second = clear(all);
  const has = slotsOf(second);
  const useful = asked.filter(({ to }) => (has.get(to) ?? 0) > (had.get(to) ?? 0));
  if (useful.length === asked.length) return { clearing: second, caps: all };
  const caps = capsOf(useful, had);
  return { clearing: useful.length === 0 ? first : clear(caps), caps };
}

interface Gift {
  from: string;
  to: string;
  slots: number;
}

/** Developers who have jobs of different priorities here, each with the highest first. */
function teamsOf(jobs: readonly Job[]): Job[][] {
  const of = new Map<string, Job[]>();
  for (const job of jobs) {
    const team = of.get(job.person_id);
    if (team) team.push(job);
    else of.set(job.person_id, [job]);
  }
  const ranked = [...of.values()].filter(([one, ...others]) => others.some((other) => other.priority !== one?.priority));
  return ranked.map((team) => team.sort((a, b) => b.priority - a.priority));
}

function giveWay(team: readonly Job[], { assignments, unmatched_orders }: Outcome): Gift[] {
  const has = slotsOf({ assignments });
  const lacks = new Map(unmatched_orders.map(({ order_id, slots }) => [order_id, slots]));
  return team.flatMap((job) => {
    let short = lacks.get(job.id) ?? 0;
    const gifts: Gift[] = [];
    for (let at = team.length - 1; short > 0 && at >= 0; at--) {
      const lower = team[at];
      if (!lower || lower.priority >= job.priority) break;
      const slots = Math.min(short, has.get(lower.id) ?? 0);
      if (slots === 0) continue;
      has.set(lower.id, (has.get(lower.id) ?? 0) - slots);
      short -= slots;
      gifts.push({ from: lower.id, to: job.id, slots });
    }
    return gifts;
  });
}

function slotsOf({ assignments }: Pick<Clearing, 'assignments'>): Map<string, number> {
  const slots = new Map<string, number>();
  for (const one of assignments) slots.set(one.order_id, (slots.get(one.order_id) ?? 0) + one.slots);
  return slots;
}

function capsOf(gifts: readonly Gift[], had: ReadonlyMap<string, number>): Map<string, number> {
  const caps = new Map<string, number>();
  for (const { from, slots } of gifts) caps.set(from, (caps.get(from) ?? had.get(from) ?? 0) - slots);
  return caps;
}
