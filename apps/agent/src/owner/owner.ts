import type { Agent } from '#agent-core';
import { type ControlAnswers, type ControlRequest, type ControlStatus, PAUSE_MS_MAX } from '../control/messages.js';
import { keepHold, keepRules, keptHold, parseRules } from './kept.js';

/** The owner's word, kept on disk so that it outlives the agent. */
export class Owner {
  private held_until_ms: number | null = null;

  constructor(
    private readonly agent: Agent,
    private readonly dir: string,
    private readonly node_id: string,
  ) {}

  async answer(asked: ControlRequest): Promise<ControlAnswers[keyof ControlAnswers]> {
    switch (asked.do) {
      case 'status':
        return this.status();
      case 'pause': {
        const give_back_ms = await this.hold(asked.for_ms);
        return { give_back_ms, until_ms: this.held_until_ms };
      }
      case 'resume':
        this.release();
        return this.status();
      case 'rules': {
        const rules = parseRules(asked.rules);
        keepRules(this.dir, rules);
        this.agent.setRules(rules);
        return this.status();
      }
    }
  }

  /** Before the agent works: what was held when it last ran, and no longer than a hold can be, whatever became of the clock. */
  resumeHold(): void {
    const kept = keptHold(this.dir, Date.now());
    if (!kept) return keepHold(this.dir, null);
    this.held_until_ms = kept.until_ms;
    void this.agent.hold(undefined, kept.until_ms === null ? null : Math.min(kept.until_ms - Date.now(), PAUSE_MS_MAX));
  }

  /** What runs stops first; that the hold is kept on disk costs the owner no time. */
  hold(for_ms: number | null): Promise<number> {
    const given = this.agent.hold(undefined, for_ms);
    this.held_until_ms = for_ms === null ? null : Date.now() + for_ms;
    keepHold(this.dir, { until_ms: this.held_until_ms });
    return given;
  }

  release(): void {
    this.held_until_ms = null;
    keepHold(this.dir, null);
    this.agent.release();
  }

  private status(): ControlStatus {
    const { owner, fuel_used, work, give_back_ms: _, ...status } = this.agent.status;
    const held = status.standing.code === 'held_by_owner';
    return {
      ...status,
      node_id: this.node_id,
      pid: process.pid,
      rss_bytes: process.memoryUsage.rss(),
      fuel_used: String(fuel_used),
      work: work.map((lease) => ({ ...lease, fuel_used: String(lease.fuel_used) })),
      held_until_ms: held ? this.held_until_ms : null,
      rules: owner.rules,
      readings: owner.readings,
      ruled: owner.verdict.rules,
    };
  }
}
