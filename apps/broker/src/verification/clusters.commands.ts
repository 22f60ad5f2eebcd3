import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { Repetition } from '../platform/repetition.js';
import { ClustersStore, type Link } from './clusters.store.js';
import { type Networks, networksOf } from './networks.js';
import { join } from './union.js';

const FLUSH_MS = 1_000;
/** Cards and accounts that appear later: this often, those seen since a little longer. */
const FINGERPRINTS_MS = 60_000;
/** First devices enrolled within the same stretch, from the same provider's network, … */
const BURST_MS = 10 * 60_000;
/** … of at least so many owners are one burst. */
const BURST_OWNERS = 5;
/** More owners than this behind one network are a carrier's or a school's, and nothing that ties them. */
const NETWORK_OWNERS_MAX = 64;

/**
 * Which owners are one as far as checking goes: who shares a card, a bank account, a device, a network, or came with a burst of enrolments. A
 * union-find over owners, kept in a table and extended with each new link; it never comes apart.
 */
@Injectable()
export class ClustersCommands implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(ClustersCommands.name);
  private seen_owners = new Map<string, Networks | null>();
  private fingerprints_at_ms = Number.NEGATIVE_INFINITY;
  private readonly flushes = new Repetition(
    FLUSH_MS,
    () => this.flush(),
    (error) => this.log.warn({ err: error }, 'links between owners could not be written; the next sessions bring them again'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: ClustersStore,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('gateway') || this.config.roles.includes('worker')) this.flushes.start();
  }

  onModuleDestroy(): void {
    this.flushes.stop();
  }

  /** A node of this owner came from this address. Written within a second, many at once. */
  seen(owner_id: string, address: string | undefined): void {
    this.seen_owners.set(owner_id, networksOf(address) ?? this.seen_owners.get(owner_id) ?? null);
  }

  async flush(): Promise<void> {
    const seen = this.seen_owners;
    this.seen_owners = new Map();
    const look = this.config.roles.includes('worker') && performance.now() - this.fingerprints_at_ms >= FINGERPRINTS_MS;
    if (seen.size === 0 && !look) return;
    await this.transactions.run(async (tx) => {
      await this.store.lock(tx);
      const owners = [...seen.keys()];
      const first = await this.store.firstEnrolments(tx, owners, BURST_MS);
      const links = [...seen].flatMap(([owner_id, networks]): Link[] =>
        networks
          ? [
              { kind: 'network', value: networks.near, owner_id },
              { kind: 'burst', value: `${networks.wide} ${first.get(owner_id) ?? ''}`, owner_id },
            ]
          : [],
      );
      const fresh = [
        ...(await this.store.add(tx, links)),
        ...(owners.length > 0 ? await this.store.addFingerprints(tx, { owners }) : []),
        ...(look ? await this.store.addFingerprints(tx, { lately_ms: 2 * FINGERPRINTS_MS }) : []),
      ];
      if (fresh.length === 0) return;
      const groups = (await this.store.sharing(tx, fresh)).filter(({ kind, tied }) => ties(kind, tied.length)).map(({ tied }) => tied);
      const moves = join(groups);
      if (moves.size > 0) await this.store.move(tx, groups.flat(), moves);
    });
    if (look) this.fingerprints_at_ms = performance.now();
  }
}

function ties(kind: Link['kind'], owners: number): boolean {
  if (kind === 'burst') return owners >= BURST_OWNERS;
  return owners > 1 && (kind !== 'network' || owners <= NETWORK_OWNERS_MAX);
}
