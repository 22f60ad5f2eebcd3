/** The owner's part of the navigation, which every page draws: the rest of the texts comes with the area. */
export const OWNER_NAV = {
  devices: 'Devices',
  add: 'Add devices',
  rules: 'Rules for new devices',
  earnings: 'Earnings',
  payouts: 'Payouts',
  statements: 'Statements',
  consents: 'What they may be used for',
  penalties: 'Penalties',
} as const;
