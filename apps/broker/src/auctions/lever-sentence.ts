import type { ConstraintName, Lever } from '#auction';
import { formatMajor } from '#units';

const NAMES: Readonly<Record<ConstraintName, string>> = {
  regions: 'the regions',
  kinds: 'the kinds of device',
  min_speed: 'the speed asked for',
  labels: 'the labels',
  min_trust: 'the trust level',
  owners: 'the choice of owners',
  not_owners: 'the owners left out',
  nodes: 'the choice of devices',
  not_nodes: 'the devices left out',
  preferences: 'the preferences',
};

/** What to change and what comes of it. */
export function leverSentence(lever: Lever): string {
  const gain = `it would have ${lever.slots === 1 ? 'one slot' : `${lever.slots} slots`} now`;
  switch (lever.code) {
    case 'raise_max_price':
      return `With a maximum price of ${formatMajor(lever.to)} ${gain}.`;
    case 'drop_constraint':
      return `Without ${NAMES[lever.constraint]} ${gain}.`;
    case 'lower_min_quantity':
      return `Content with ${lever.to === 1 ? 'one slot' : `${lever.to} slots`} at a time, ${gain}.`;
    case 'raise_budget':
      return `With a budget for ${lever.to_slots === 1 ? 'one slot' : `${lever.to_slots} slots`} ${gain}.`;
    case 'wait_until':
      return `Leases end at ${new Date(lever.at_ms).toISOString()}: then it could have ${lever.slots === 1 ? 'one slot' : `${lever.slots} slots`}.`;
  }
}
