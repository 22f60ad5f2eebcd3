import { Inject, Injectable } from '@nestjs/common';
import { type AccountClass, type AccountCode, accountOf, naturalBalance } from '#ledger';
import type { ResponseOf, ROUTES } from '#protocol';
import { MARKETS, type Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Remembered } from '../platform/remembered.js';
import { type CareFigures, FiguresStore, type InvariantState, type MarketFigures, type NodeGroup } from './figures.store.js';

export type Figures = Omit<ResponseOf<typeof ROUTES.glance>, 'alerts' | 'badness' | 'figures'>;

const CONNECTED: ReadonlySet<string | null> = new Set(['online', 'idle', 'busy', 'paused', 'draining']);
/** "Now" is the last ten seconds. */
const NOW_MS = 10_000;
/** Who looks at the same time sees the same. */
const REMEMBERED_MS = 1_000;

/** The heap as it is, read as cheaply as can be. */
@Injectable()
export class FiguresService {
  private readonly remembered = new Remembered(REMEMBERED_MS, () => this.read());

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: FiguresStore,
  ) {}

  /** Not older than a second. */
  now(): Promise<Figures> {
    return this.remembered.get();
  }

  async read(): Promise<Figures> {
    const [at, groups, versions, work, reasons, settled, failures, markets, balances, invariants, care] = await Promise.all([
      this.store.now(),
      this.store.nodes(),
      this.store.versions(),
      this.store.work(),
      this.store.waitingFor(),
      this.store.settled(NOW_MS, 'now'),
      this.store.failures(NOW_MS),
      this.store.markets(MARKETS),
      this.store.balances(this.config.currency),
      this.store.invariants(),
      this.store.care(),
    ]);
    return {
      at: at.toISOString(),
      nodes: { enrolled: sum(groups), connected: sum(groups.filter(({ presence }) => CONNECTED.has(presence))), groups, versions },
      work: {
        tasks_per_second: (settled.tasks * 1000) / NOW_MS,
        failures_per_second: (failures * 1000) / NOW_MS,
        tasks_queued: work.tasks_queued,
        tasks_leased: work.tasks_leased,
        jobs_live: work.jobs_live,
        jobs_waiting: work.jobs_waiting,
        oldest: work.oldest_job_id && work.oldest_at ? { job_id: work.oldest_job_id, since: work.oldest_at.toISOString() } : null,
        reasons,
      },
      markets: markets.map(marketView),
      money: { currency: this.config.currency, simulated: this.config.simulated_payments, ...moneyView(balances, invariants, care) },
      care: careView(care),
    };
  }
}

const sum = (groups: readonly NodeGroup[]): number => groups.reduce((nodes, group) => nodes + group.nodes, 0);

const marketView = (m: MarketFigures): Figures['markets'][number] => ({
  market: m.market,
  price_micro: m.price_micro === null ? null : String(m.price_micro),
  traded_at: m.traded_at?.toISOString() ?? null,
  round: m.round_number !== null && m.cleared_at ? { number: Number(m.round_number), cleared_at: m.cleared_at.toISOString() } : null,
  leader:
    m.leader_epoch !== null && m.leader_seen_at
      ? { epoch: Number(m.leader_epoch), seen_at: m.leader_seen_at.toISOString(), silent: m.silent }
      : null,
});

const careView = ({ penalties_active, nodes_banned, objections_open, disputes_open, journals_proposed, checks_waiting }: CareFigures) => ({
  penalties_active,
  nodes_banned,
  objections_open,
  disputes_open,
  journals_proposed,
  checks_waiting,
});

function moneyView(balances: readonly { code: number; balance: Micro }[], invariants: readonly InvariantState[], care: CareFigures) {
  const of = (...codes: number[]): Micro =>
    balances.reduce(
      (total, { code, balance }) => (codes.includes(code) ? total + naturalBalance(code as AccountCode, balance) : total),
      0n,
    );
  const ofClass = (wanted: AccountClass): Micro =>
    of(...balances.map(({ code }) => code).filter((code) => accountOf(code)?.class === wanted));
  const [assets, liabilities] = [ofClass('asset'), ofClass('liability')];
  const broken = invariants.filter(({ holds }) => !holds).map(({ invariant, detail }) => ({ invariant, detail }));
  const checked_at = invariants.reduce<Date | null>((last, one) => (last && last > one.checked_at ? last : one.checked_at), null);
  return {
    assets_micro: String(assets),
    liabilities_micro: String(liabilities),
    surplus_micro: String(assets - liabilities),
    held_micro: String(of(2010)),
    owed_to_developers_micro: String(of(2000, 2020, 2030)),
    owed_to_owners_micro: String(of(2100, 2110, 2120, 2130, 2140, 2150)),
    suspense: {
      movements: care.suspended_movements,
      net_micro: String(care.suspended_net),
      oldest_at: care.suspended_since?.toISOString() ?? null,
    },
    invariants: {
      holding: invariants.length - broken.length,
      broken,
      checked_at: checked_at?.toISOString() ?? null,
    },
    outbox_open: care.outbox_open,
    inbox_open: care.inbox_open,
    payouts_open: care.payouts_open,
  };
}
