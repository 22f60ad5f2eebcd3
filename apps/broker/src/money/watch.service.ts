import { Injectable } from '@nestjs/common';
import { type Breach, breach, INVARIANTS, type InvariantId } from '#ledger';
import { CHECKS } from './audit.service.js';
import { AuditStore } from './audit.store.js';
import { type LedgerFinding, type Pass, WatchStore } from './watch.store.js';

/** What one look found broken: now, or earlier and not found mended since. */
export interface Standing {
  invariant: InvariantId;
  pass: Pass;
  detail: string;
}

/** Entries that one statement may look at: half a second's worth. */
const SLICE_ENTRIES = 20_000;
/** Further behind than this, a pass over everything is the shorter way. */
const CATCH_UP_SLICES = 10;
/** How long one look goes on with what is left; the next is a minute later. */
const LOOK_MS = 20_000;
/** A pass over everything begins this long after the last one ended. */
const FULL_EVERY_MS = 24 * 3_600_000;

/** Found from the entries that are new since the checkpoints. */
export const CHAINED: readonly InvariantId[] = ['I1', 'I4', 'I8', 'I10', 'I11', 'I12', 'I13', 'I19', 'I24'];
/** Found from balances, catalogs, and rows that are open: their cost does not grow with the journal. */
const OPEN: readonly InvariantId[] = ['I2', 'I3', 'I14', 'I15', 'I16', 'I17', 'I18', 'I28'];
/** Found by comparing whole tables, once in a full pass. */
const WHOLE = (Object.keys(INVARIANTS) as InvariantId[]).filter((id) => !OPEN.includes(id) && (id === 'I12' || !CHAINED.includes(id)));

/**
 * The audit of a heap that runs. Each look costs in proportion to what is new: it goes on from checkpoints. With what is left of its time
 * it takes the next slices of a pass from the first entry on, which comes round once a day and finds what was changed behind the
 * checkpoints, and the checkpoints that were changed. `AuditService` does all of it at once, on command.
 */
@Injectable()
export class WatchService {
  constructor(
    private readonly store: WatchStore,
    private readonly audit: AuditStore,
  ) {}

  async look(limits: { entries?: number; ms?: number; full_every_ms?: number } = {}): Promise<Standing[]> {
    const { entries = SLICE_ENTRIES, ms = LOOK_MS, full_every_ms = FULL_EVERY_MS } = limits;
    const until = performance.now() + ms;
    const found: Breach[] = [];
    const far = (await this.store.behind('continuous')) > BigInt(entries * CATCH_UP_SLICES);
    for (let more = !far; more; ) {
      const { findings, before, behind } = await this.store.verify('continuous', entries);
      found.push(...findings.map(named));
      more = findings.length === 0 && behind > 0n && behind < before && performance.now() < until;
    }
    await this.audit.onSnapshot(async (reads) => {
      for (const invariant of OPEN) found.push(...(await CHECKS[invariant](reads)));
    });
    for (const invariant of far ? OPEN : [...CHAINED, ...OPEN]) await this.record('continuous', invariant, found);
    while (performance.now() < until && (await this.slice(entries, far ? 0 : full_every_ms)));
    return this.store.standing();
  }

  /** The next slice of the full pass. @returns false when nothing is due. */
  private async slice(entries: number, every_ms: number): Promise<boolean> {
    const last = await this.store.lastStep();
    if (!last || last.step === 'end') {
      if (last && last.age_ms < every_ms) return false;
      await this.recordBroken((await this.store.begin()).map(named));
      return true;
    }
    if (last.step === 'begin' || last.step === 'chains') {
      const { findings, before, behind } = await this.store.verify('full', entries);
      await this.recordBroken(findings.map(named));
      if (behind === 0n || behind >= before) await this.store.step('postings', 0n);
      return true;
    }
    if (last.step === 'postings') {
      const findings = await this.store.postings(last.position, entries);
      if (findings) {
        await this.recordBroken(findings.map(named));
        return true;
      }
      await this.store.adopt();
      await this.store.step('tables', 0n);
      return true;
    }
    const invariant = WHOLE[Number(last.position)];
    if (invariant) {
      await this.recordBroken(await this.store.wholeTables((reads) => CHECKS[invariant](reads)));
      await this.store.step('tables', last.position + 1n);
      return true;
    }
    await this.store.clear(Object.keys(INVARIANTS) as InvariantId[]);
    await this.store.step('end', 0n);
    return false;
  }

  private async record(pass: Pass, invariant: InvariantId, found: readonly Breach[]): Promise<void> {
    const own = found.filter((b) => b.invariant === invariant);
    const detail = own
      .slice(0, 10)
      .map((b) => b.sentence)
      .join('\n');
    await this.store.record(pass, invariant, own.length === 0, detail);
  }

  private async recordBroken(found: readonly Breach[]): Promise<void> {
    for (const invariant of new Set(found.map((b) => b.invariant))) await this.record('full', invariant, found);
  }
}

const named = ({ invariant, subject, detail }: LedgerFinding): Breach => breach(invariant, subject, detail);
