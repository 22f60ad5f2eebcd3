/** The filters of a list are part of its address: a page can be sent to somebody and comes back with the browser's arrow. */
export type Filters = Readonly<Record<string, string>>;

/** What the address says, as words; what is empty is not there. */
export function searchOf(search: Record<string, unknown>): Record<string, string> {
  const words = Object.entries(search).flatMap(([name, value]): [string, string][] =>
    ['string', 'number', 'boolean'].includes(typeof value) && value !== '' ? [[name, String(value)]] : [],
  );
  return Object.fromEntries(words);
}

/** These filters with some changed; empty ones are taken away. */
export const withFilters = (filters: Filters, change: Readonly<Record<string, string | null>>): Record<string, string> =>
  searchOf({ ...filters, ...change });
