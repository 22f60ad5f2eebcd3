import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Gathered } from '../platform/gathered.js';
import { Repetition } from '../platform/repetition.js';
import { type CheckClaim, CheckClaimsStore } from './check-claims.store.js';
import type { SentTask } from './checks.store.js';
import { ChecksSeen, ChecksWanted } from './verification.events.js';
import { WaitingChecks } from './waiting-checks.js';

/** An event can be lost. */
const LOOK_MS = 5_000;
/** A job whose leases have not asked for so long is forgotten. */
const FORGOTTEN_MS = 60_000;
/** Of a job so many are known at a time, the oldest. */
const KNOWN_MAX = 500;
const LEASES_AT_ONCE = 256;

interface Asked {
  job_id: string;
  claim: CheckClaim;
}

/**
 * Gives checks to leases. What waits for nodes, and how the nodes of leases stand, is read now and then and for all leases of a job together, so
 * that a lease which nothing is for asks nothing; only what seems to fit is claimed, by a statement that looks for itself.
 */
@Injectable()
export class CheckClaims implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(CheckClaims.name);
  private readonly jobs = new Map<string, WaitingChecks>();
  private stopped = false;
  private readonly sending = new Gathered<Asked, SentTask[]>({
    most: LEASES_AT_ONCE,
    key: ({ claim }) => claim.lease_id,
    serve: (asked) => this.send(asked),
  });
  private readonly looks = new Repetition(
    LOOK_MS,
    () => this.look(),
    (error) => this.log.warn({ err: error }, 'checks that wait could not be looked for; the next look comes'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: CheckClaimsStore,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(ChecksWanted, ({ job_ids }) => this.wanted(job_ids));
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('gateway')) this.looks.start();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    this.looks.stop();
    for (const job of this.jobs.values()) job.stop();
  }

  /** Checks of others' results for a lease, at most so many; none where none seems to fit. */
  claim({ lease_id, job_id, commits }: { lease_id: string; job_id: string; commits: boolean }, limit: number): Promise<SentTask[]> {
    const check_ids = this.jobs.get(job_id)?.take(lease_id, commits, limit, performance.now()) ?? [];
    return check_ids.length === 0 ? Promise.resolve([]) : this.sending.ask({ job_id, claim: { lease_id, commits, check_ids } });
  }

  private async look(): Promise<void> {
    this.wanted(await this.store.jobsWaiting());
    const from_ms = performance.now() - FORGOTTEN_MS;
    for (const [job_id, job] of this.jobs) if (!job.askedSince(from_ms) && this.jobs.delete(job_id)) job.stop();
  }

  private wanted(job_ids: readonly string[]): void {
    for (const job_id of job_ids) {
      const job = this.jobs.get(job_id) ?? this.waitingOf(job_id);
      this.jobs.set(job_id, job);
      job.tell();
    }
  }

  private waitingOf(job_id: string): WaitingChecks {
    return new WaitingChecks({
      read: async (strangers) => {
        if (this.stopped) return { waiting: [], takers: [] };
        const [waiting, takers] = await Promise.all([
          this.store.waiting(job_id, KNOWN_MAX),
          strangers.length > 0 ? this.store.takers(strangers) : [],
        ]);
        return { waiting, takers };
      },
      seen: () => this.bus.publish(ChecksSeen, { job_id }),
      failed: (error) => this.log.warn({ err: error, job_id }, 'checks that wait could not be read; the next look comes'),
    });
  }

  private async send(asked: readonly Asked[]): Promise<SentTask[][]> {
    const jobs = new Map<string, CheckClaim[]>();
    for (const { job_id, claim } of asked) jobs.set(job_id, [...(jobs.get(job_id) ?? []), claim]);
    const sent = new Map<string, SentTask[]>();
    for (const [job_id, claims] of jobs) for (const [lease_id, tasks] of await this.store.send(job_id, claims)) sent.set(lease_id, tasks);
    return asked.map(({ claim }) => sent.get(claim.lease_id) ?? []);
  }
}
