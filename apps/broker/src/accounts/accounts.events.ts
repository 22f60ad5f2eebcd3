import { EventType } from '../platform/bus/event-bus.js';

/**
 * Sign-ins or API keys of this person began or ended, or their roles changed: whoever keeps something open for them looks whether they may
 * still have it.
 */
export const AccessChanged = new EventType<{ person_id: string }>('AccessChanged', { between_processes: true });
/** An admin's deed was written down. */
export const AdminActed = new EventType<{ action: string }>('AdminActed', { between_processes: true });
