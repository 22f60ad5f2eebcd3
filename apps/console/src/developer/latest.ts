const SHOWN = 5;

/** Which jobs a developer sees first: what runs, and what ended last. */
export const RUNNING = { params: { query: { phase: 'live', limit: SHOWN } } } as const;
export const LATEST = { params: { query: { phase: 'over', limit: SHOWN } } } as const;
