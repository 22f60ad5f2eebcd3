import { lifecycle, type StateOf } from './table.js';

/** A developer's job. STOPPED is the heap's doing (budget, deadline, frozen account), CANCELLED the developer's. */
export const JOB = lifecycle('job', 'QUEUED', {
  QUEUED: ['RUNNING', 'DONE', 'CANCELLED', 'STOPPED'],
  RUNNING: ['DONE', 'CANCELLED', 'STOPPED'],
  DONE: [],
  CANCELLED: [],
  STOPPED: [],
});
export type JobState = StateOf<typeof JOB>;

/** One input of a job. A lost or failed attempt returns it to the queue, first in line; a queued task may still fail, by its deadline. */
export const TASK = lifecycle('task', 'QUEUED', {
  QUEUED: ['LEASED', 'FAILED', 'CANCELLED'],
  LEASED: ['DONE', 'FAILED', 'CANCELLED', 'QUEUED'],
  DONE: [],
  FAILED: [],
  CANCELLED: [],
});
export type TaskState = StateOf<typeof TASK>;

/** A result is provisional until its check window has passed; a job may wait for final ones. */
export const RESULT = lifecycle('result', 'PROVISIONAL', {
  PROVISIONAL: ['FINAL', 'REJECTED'],
  FINAL: [],
  REJECTED: [],
});
export type ResultState = StateOf<typeof RESULT>;

/** The right to a slot. DRAINING takes no new tasks and finishes what it has. */
export const LEASE = lifecycle('lease', 'ACTIVE', {
  ACTIVE: ['DRAINING', 'ENDED'],
  DRAINING: ['ENDED'],
  ENDED: [],
});
export type LeaseState = StateOf<typeof LEASE>;

/** A lease that may still deliver results. */
export function isLive(state: LeaseState): boolean {
  return state !== 'ENDED';
}

/**
 * A node. ENROLLED has never connected; ONLINE is connected but has offered nothing yet; DISCONNECTED may still come back to
 * its leases; LOST has given them up; REVOKED is for good.
 */
export const NODE = lifecycle('node', 'ENROLLED', {
  ENROLLED: ['ONLINE', 'REVOKED'],
  ONLINE: ['IDLE', 'BUSY', 'PAUSED', 'DRAINING', 'DISCONNECTED', 'REVOKED'],
  IDLE: ['BUSY', 'PAUSED', 'DRAINING', 'DISCONNECTED', 'REVOKED'],
  BUSY: ['IDLE', 'PAUSED', 'DRAINING', 'DISCONNECTED', 'REVOKED'],
  PAUSED: ['IDLE', 'BUSY', 'DRAINING', 'DISCONNECTED', 'REVOKED'],
  DRAINING: ['IDLE', 'PAUSED', 'DISCONNECTED', 'REVOKED'],
  DISCONNECTED: ['ONLINE', 'LOST', 'REVOKED'],
  LOST: ['ONLINE', 'REVOKED'],
  REVOKED: [],
});
export type NodeState = StateOf<typeof NODE>;

/** A node with a live session. */
export function isConnected(state: NodeState): boolean {
  return state === 'ONLINE' || state === 'IDLE' || state === 'BUSY' || state === 'PAUSED' || state === 'DRAINING';
}

/** A node whose free slots are on the market. */
export function isOffering(state: NodeState): boolean {
  return state === 'IDLE' || state === 'BUSY';
}
