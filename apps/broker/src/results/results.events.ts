import { EventType } from '../platform/bus/event-bus.js';

/** Tasks of a job settled: its stream has news, in whichever process it is read. */
export const TasksSettled = new EventType<{ job_id: string; developer_id: string; settled_seq: number }>('TasksSettled', {
  between_processes: true,
});
