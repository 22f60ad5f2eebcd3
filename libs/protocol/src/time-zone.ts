import * as z from 'zod';

/** Names of the IANA time zone database. An offset such as +02:00 is none: it knows no summer time. */
export const timeZone = z
  .string()
  .max(64)
  .refine(
    (name) => /^[A-Za-z]+(?:\/[A-Za-z0-9_+-]+)*$/.test(name) && isTimeZone(name),
    'write a time zone by its name, such as Europe/Berlin',
  );

function isTimeZone(name: string): boolean {
  // Asked without need, Intl loads tables that a small device has better use for.
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
