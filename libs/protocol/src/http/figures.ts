import { MARKETS } from '#units';

export const FIGURE_UNITS = ['count', 'per_second', 'seconds', 'micro', 'points'] as const;

export interface Figure {
  unit: (typeof FIGURE_UNITS)[number];
  /** What is counted, and when, in a sentence. */
  definition: string;
  /** The page of the console with what it is made of. */
  link: string;
}

const figure = (unit: Figure['unit'], definition: string, link: string): Figure => ({ unit, definition, link });

/** Every figure that is kept over time. Of each minute one value is kept, of hours and days the mean, the least and the most. */
export const FIGURES = {
  nodes_enrolled: figure('count', 'Devices that have enrolled and were not taken out of the heap.', '/admin/nodes'),
  nodes_connected: figure('count', 'Devices whose connection is open: with work, without, or at rest.', '/admin/nodes?connected=true'),
  nodes_busy: figure('count', 'Connected devices with at least one lease that is not over.', '/admin/nodes?presence=busy'),
  nodes_paused: figure('count', 'Connected devices that a rule or their owner lets rest.', '/admin/nodes?presence=paused'),
  tasks_per_second: figure('per_second', 'Results that were accepted and charged in the last whole minute, by 60.', '/admin/jobs'),
  failures_per_second: figure(
    'per_second',
    'Executions that ended without a result that counts in the last whole minute (lost, or to be tried again), by 60.',
    '/admin/nodes?sort=health',
  ),
  tasks_queued: figure('count', 'Tasks of jobs that are not over, which wait for a slot.', '/admin/jobs'),
  tasks_leased: figure('count', 'Tasks that are out at devices.', '/admin/jobs'),
  jobs_waiting: figure('count', 'Jobs that have no slot and want one.', '/admin/jobs'),
  oldest_wait_seconds: figure('seconds', 'How long ago the oldest job with waiting tasks was placed.', '/admin/jobs'),
  charged_micro: figure('micro', 'What developers were charged for results in the last whole minute.', '/admin/money'),
  earned_micro: figure('micro', 'What of it is for owners, after the fee.', '/admin/money'),
  fee_micro: figure('micro', 'What of it is fee.', '/admin/money'),
  held_micro: figure('micro', "Developers' money that is held for work: account 2010.", '/admin/money'),
  owed_to_developers_micro: figure('micro', 'Developers’ money that is not held: accounts 2000, 2020 and 2030.', '/admin/money'),
  owed_to_owners_micro: figure(
    'micro',
    'What owners and partners have earned and were not paid yet: accounts 2100 to 2150.',
    '/admin/money',
  ),
  suspense_micro: figure(
    'micro',
    'Movements at the payment provider that nothing explains yet: account 2300, without its sign.',
    '/admin/money',
  ),
  surplus_micro: figure('micro', 'Assets less liabilities: what would be left to the operator.', '/admin/money'),
  penalties_active: figure('count', 'Penalties in force.', '/admin/suspects'),
  badness: figure('points', 'The weights of all alerts that stand, added up; 0 is a heap about which there is nothing to say.', '/admin'),
} as const satisfies Record<string, Figure>;

const PRICE = (market: string): Figure =>
  figure('micro', `The price of the last trade in ${market}, for one unit of that market.`, `/market/${market}`);

export type SeriesMetric = keyof typeof FIGURES | `price:${(typeof MARKETS)[number]}`;
export const SERIES_METRICS = [...Object.keys(FIGURES), ...MARKETS.map((market) => `price:${market}`)] as [SeriesMetric, ...SeriesMetric[]];

/** What a figure is. */
export const figureOf = (metric: SeriesMetric): Figure =>
  metric in FIGURES ? FIGURES[metric as keyof typeof FIGURES] : PRICE(metric.slice('price:'.length));

/** How long the values of each stretch are kept; days are kept for ever. */
export const SAMPLE_TERMS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type SampleStep = keyof typeof SAMPLE_TERMS_MS;
