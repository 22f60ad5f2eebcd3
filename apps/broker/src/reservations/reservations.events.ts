import type { KeptMarketName } from '#units';
import { EventType } from '../platform/bus/event-bus.js';

/** Slots or bytes of a node are somebody's. */
export const KeptLeaseGranted = new EventType<{ lease_id: string; node_id: string; reservation_id: string; market: KeptMarketName }>(
  'KeptLeaseGranted',
  { between_processes: true },
);

/** They are nobody's any more. */
export const KeptLeaseEnded = new EventType<{
  lease_id: string;
  node_id: string;
  reservation_id: string;
  market: KeptMarketName;
  code: string;
}>('KeptLeaseEnded', { between_processes: true });

/** A reservation was placed, or is over. */
export const ReservationChanged = new EventType<{ market: KeptMarketName }>('ReservationChanged', { between_processes: true });
