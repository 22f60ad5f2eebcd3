import { EventType } from '../platform/bus/event-bus.js';

interface Alert {
  alert_id: string;
  code: string;
  subject: string;
  severity: 'critical' | 'warning' | 'notice';
  sentence: string;
  /** The page of the console that shows what it is made of. */
  link: string;
}

/** Something of the heap needs an admin. Told once, by the process that found it. */
export const AdminAlertRaised = new EventType<Alert>('AdminAlertRaised', { between_processes: true });
/** What an alert was about is over. */
export const AdminAlertCleared = new EventType<Alert>('AdminAlertCleared', { between_processes: true });
/** The heap was looked at: its figures, samples and alerts may be newer than what is shown. */
export const HeapLookedAt = new EventType<Record<string, never>>('HeapLookedAt', { between_processes: true });
