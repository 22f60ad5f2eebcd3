import type { Body, MessageType, TaskResult, WireBody } from '#protocol';
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

/** A node committed to results. Whoever notes that answers by `reply`, exactly once, after it is durable, with those that nobody waits for. */
export const WorkCommitted = new EventType<{
  node_id: string;
  lease_id: string;
  lease_epoch: number;
  commits: WireBody<'commits'>['commits'];
  reply: (stale: [index: number, epoch: number][]) => void;
}>('WorkCommitted');

/** A node reported results. Whoever decides on them answers by `reply`, exactly once, after the decision is durable. */
export const WorkReported = new EventType<{
  node_id: string;
  lease_id: string;
  lease_epoch: number;
  results: readonly TaskResult[];
  reply: (outcome: ReportOutcome) => void;
}>('WorkReported');

type MessageOf<T extends MessageType> = { [K in T]: { type: K; body: Body<K> } }[T];
type NodesWord = MessageOf<'pieces' | 'piece.stored' | 'piece.failed' | 'piece.gone' | 'audit.answer'>;

/**
 * A node said something of the pieces that it keeps. Heard in the process whose gateway the node is connected to; the node is read no faster
 * than handlers finish. One that fails is not called again: the node says it again when it is asked again.
 */
export const NodeSaid = new EventType<{ node_id: string } & NodesWord>('NodeSaid');

/** What a node may be told from any process. */
export type TellType = 'piece.put' | 'piece.get' | 'piece.del' | 'audit';

/** For the gateway that the node is connected to. */
export const NodeTold = new EventType<{ [T in TellType]: { node_id: string; type: T; body: WireBody<T> } }[TellType]>('NodeTold', {
  between_processes: true,
});
