import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Queue } from 'bullmq';

export interface QueueState {
  name: string;
  /** By state: waiting, active, delayed, failed and the like; null where the queue cannot be asked now. */
  counts: Record<string, number> | null;
  workers: number | null;
}

/** A page must not wait for a queue that does not answer. */
const ANSWER_MS = 2_000;

/** What the queues of the heap hold. */
@Injectable()
export class QueueStates {
  constructor(private readonly discovery: DiscoveryService) {}

  async all(): Promise<QueueState[]> {
    const queues = this.discovery.getProviders().flatMap(({ instance }) => (instance instanceof Queue ? [instance] : []));
    const states = await Promise.all([...new Map(queues.map((queue) => [queue.name, queue])).values()].map(stateOf));
    return states.sort((a, b) => a.name.localeCompare(b.name));
  }
}

async function stateOf(queue: Queue): Promise<QueueState> {
  const [counts, workers] = await Promise.all([inTime(queue.getJobCounts()), inTime(queue.getWorkersCount())]);
  return { name: queue.name, counts, workers };
}

async function inTime<T>(answer: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ANSWER_MS);
  });
  try {
    return await Promise.race([answer.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
