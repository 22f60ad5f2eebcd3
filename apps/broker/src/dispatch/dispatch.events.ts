import type { TaskResult, WireBody } from '#protocol';
import { EventType } from '../platform/bus/event-bus.js';

/** What became of reported results, in the words of `results.ack`; sent once it is committed. */
export type ReportOutcome = Omit<WireBody<'results.ack'>, 'lease_id'>;

/** Executions on this lease that others made needless: they are to stop, unpaid. */
export const WorkSuperseded = new EventType<{
  node_id: string;
  lease_id: string;
  lease_epoch: number;
  tasks: [index: number, epoch: number][];
}>('WorkSuperseded', { between_processes: true });

/** A node reported results. Whoever decides on them answers by `reply`, exactly once, after the decision is durable. */
export const WorkReported = new EventType<{
  node_id: string;
  lease_id: string;
  lease_epoch: number;
  results: readonly TaskResult[];
  reply: (outcome: ReportOutcome) => void;
}>('WorkReported');
