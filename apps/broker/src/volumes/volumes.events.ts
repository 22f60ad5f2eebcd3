import { EventType } from '../platform/bus/event-bus.js';

/** Something about a volume, its files or their pieces is other than it was. */
export const VolumeChanged = new EventType<{ volume_id: string; person_id: string }>('VolumeChanged', { between_processes: true });
/** A piece of this file is stored: whoever waits for a commit looks again. */
export const PieceStored = new EventType<{ file_id: string }>('PieceStored', { between_processes: true });
/** Bytes that were asked of a device are here, or will not come. */
export const TransferEnded = new EventType<{ transfer_id: string }>('TransferEnded', { between_processes: true });
/** Something happened to pieces of stored segments: perhaps some must be made anew. */
export const SegmentsAtRisk = new EventType<Record<string, never>>('SegmentsAtRisk', { between_processes: true });
/** What a device keeps for volumes, or its scores, changed. */
export const NodeStorageChanged = new EventType<{ node_id: string }>('NodeStorageChanged', { between_processes: true });
