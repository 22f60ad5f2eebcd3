import { Badge } from '@mantine/core';
import { JOB, JOBS } from '../../text/jobs.en.js';

const JOB_COLOURS = { QUEUED: 'gray', RUNNING: 'heap', DONE: 'heap', CANCELLED: 'gray', STOPPED: 'red' } as const;
const TASK_COLOURS = { QUEUED: 'gray', LEASED: 'heap', DONE: 'heap', FAILED: 'red', CANCELLED: 'gray' } as const;

export const JobState = ({ state }: { state: keyof typeof JOB_COLOURS }) => (
  <Badge variant="light" color={JOB_COLOURS[state]}>
    {JOBS.states[state]}
  </Badge>
);

export const TaskState = ({ state }: { state: keyof typeof TASK_COLOURS }) => (
  <Badge variant="light" color={TASK_COLOURS[state]}>
    {JOB.tasks.states[state]}
  </Badge>
);

const STANDING_COLOURS = { final: 'heap', provisional: 'blue', refuted: 'red', unchecked: 'gray' } as const;

/** Whether a result can still be proven wrong. */
export const Standing = ({ standing }: { standing: keyof typeof STANDING_COLOURS }) => (
  <Badge variant="light" color={STANDING_COLOURS[standing]}>
    {JOB.checks.standing[standing]}
  </Badge>
);
