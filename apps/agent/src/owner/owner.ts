import type { Agent } from '#agent-core';
import type { ControlAnswers, ControlRequest, ControlStatus } from '../control/messages.js';
import { parseRules } from './kept.js';

/** What the owner says and asks on the device, while the agent runs. */
export class Owner {
  constructor(
    private readonly agent: Agent,
    private readonly node_id: string,
    private readonly own_rules_only: boolean,
  ) {}

  async answer(asked: ControlRequest): Promise<ControlAnswers[keyof ControlAnswers]> {
    switch (asked.do) {
      case 'status':
        return this.status();
      case 'pause': {
        const give_back_ms = await this.agent.hold(asked.for_ms);
        return { give_back_ms, until_ms: this.agent.status.held_until_ms };
      }
      case 'resume':
        this.agent.release();
        return this.status();
      case 'rules':
        this.agent.setRules(parseRules(asked.rules));
        return this.status();
    }
  }

  private status(): ControlStatus {
    const { owner, fuel_used, work, give_back_ms: _, ruled, ...status } = this.agent.status;
    return {
      ...status,
      node_id: this.node_id,
      pid: process.pid,
      rss_bytes: process.memoryUsage.rss(),
      fuel_used: String(fuel_used),
      work: work.map((lease) => ({ ...lease, fuel_used: String(lease.fuel_used) })),
      own_rules_only: this.own_rules_only,
      ruled_by: ruled && { origin: ruled.origin, version: ruled.version, since_ms: ruled.since_ms },
      rules: owner.rules,
      readings: owner.readings,
      ruled: owner.verdict.rules,
    };
  }
}
