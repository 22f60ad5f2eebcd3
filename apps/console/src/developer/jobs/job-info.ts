import type { AnswerOf } from '../../http/use-heap.js';

/** A job as the heap tells it. */
export type JobInfo = AnswerOf<'/v1/jobs/{job_id}', 'get'>;

/** The parts of a job's page; its address names the one that is open. */
export const JOB_TABS = ['tasks', 'checks', 'receipt', 'terms', 'objections'] as const;
export type JobTab = (typeof JOB_TABS)[number];
