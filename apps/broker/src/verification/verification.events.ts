import { EventType } from '../platform/bus/event-bus.js';

/** Results of these jobs are to be checked by nodes: their leases have something more to do. */
export const ChecksWanted = new EventType<{ job_ids: readonly string[] }>('ChecksWanted', { between_processes: true });
/** Of this job some wait, as this process has read: its leases here may ask for them. */
export const ChecksSeen = new EventType<{ job_id: string }>('ChecksSeen');
/** The reference runner has something to do. */
export const ReferenceWanted = new EventType<Record<string, never>>('ReferenceWanted', { between_processes: true });
/** Results that were committed to may be revealed. */
export const RevealWanted = new EventType<{
  node_id: string;
  lease_id: string;
  lease_epoch: number;
  tasks: [index: number, epoch: number][];
}>('RevealWanted', { between_processes: true });
/** The heap has run again what was objected to in these jobs. */
export const ObjectionsRerun = new EventType<{ job_ids: readonly string[] }>('ObjectionsRerun', { between_processes: true });
/** Results of these jobs were proven wrong, and what was paid for them went back. */
export const ResultsRefuted = new EventType<{ job_ids: readonly string[] }>('ResultsRefuted', { between_processes: true });
/** A penalty of these owners was imposed, appealed or decided. */
export const PenaltiesChanged = new EventType<{ person_ids: readonly string[] }>('PenaltiesChanged', { between_processes: true });
/** Verifiers of developers have results to look at. */
export const OwnChecksWanted = new EventType<Record<string, never>>('OwnChecksWanted', { between_processes: true });
