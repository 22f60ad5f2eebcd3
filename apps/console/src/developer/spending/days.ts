const DAY_MS = 86_400_000;

/** The first and the last of so many days of UTC that end with today. */
export function lastDays(count: number, now: Date): [from: string, to: string] {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [day(now.getTime() - (count - 1) * DAY_MS), day(now.getTime())];
}
