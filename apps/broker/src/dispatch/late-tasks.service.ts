import { Injectable } from '@nestjs/common';
import { TwinsStore } from './twins.store.js';

/** Tasks become late in seconds: that a job had none a moment ago is answer enough for all its leases that ask now. */
const NONE_FOR_MS = 250;

/** Whether a job has tasks that could be begun a second time, asked once for all of its leases that have nothing to do. */
@Injectable()
export class LateTasks {
  private readonly asked = new Map<string, { answer: Promise<boolean>; until_ms: number }>();

  constructor(private readonly store: TwinsStore) {}

  of(job_id: string, now_ms: number): Promise<boolean> {
    const known = this.asked.get(job_id);
    if (known && now_ms < known.until_ms) return known.answer;
    for (const [id, { until_ms }] of this.asked) if (now_ms >= until_ms) this.asked.delete(id);
    const answer = this.store.anyLate(job_id);
    const asked = { answer, until_ms: now_ms + NONE_FOR_MS };
    this.asked.set(job_id, asked);
    const forget = () => {
      if (this.asked.get(job_id) === asked) this.asked.delete(job_id);
    };
    answer.then((any) => any && forget(), forget);
    return answer;
  }
}
