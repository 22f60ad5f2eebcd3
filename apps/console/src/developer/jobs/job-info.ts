import type { AnswerOf } from '../../http/use-heap.js';

/** A job as the heap tells it. */
export type JobInfo = AnswerOf<'/v1/jobs/{job_id}', 'get'>;
