import { EventType } from '../platform/bus/event-bus.js';

/** Tasks of a job settled: its stream has news. */
export const TasksSettled = new EventType<{ job_id: string; settled_seq: number }>('TasksSettled');
