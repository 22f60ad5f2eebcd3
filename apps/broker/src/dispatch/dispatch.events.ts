import type { TaskResult, WireBody } from '#protocol';
import { EventType } from '../platform/bus/event-bus.js';

/** What became of reported results, in the words of `results.ack`; sent once it is committed. */
export type ReportOutcome = Omit<WireBody<'results.ack'>, 'lease_id'>;

/** A node reported results. Whoever decides on them answers by `reply`, exactly once, after the decision is durable. */
export const WorkReported = new EventType<{
  node_id: string;
  lease_id: string;
  lease_epoch: number;
  results: readonly TaskResult[];
  reply: (outcome: ReportOutcome) => void;
}>('WorkReported');
