/** The navigation of developers and admins, which every page draws: the rest of their texts comes with their areas. */
export const DEVELOPER_NAV = {
  overview: 'Overview',
  run: 'Run something',
  jobs: 'Jobs',
  reservations: 'Standing slots',
  keys: 'API keys',
  funds: 'Money',
  spending: 'Spending',
  market: 'Prices',
  volumes: 'Volumes',
} as const;

export const ADMIN_NAV = {
  glance: 'At a glance',
  nodes: 'Devices',
  people: 'People',
  jobs: 'Jobs',
  money: 'Money',
  objections: 'Objections',
  suspects: 'Suspects',
  log: 'Admins’ log',
  settings: 'Configuration',
} as const;
