import type { Constraints, Offer, OwnerRules } from './types.js';

/** One condition of an order. */
export interface Clause {
  /** How people read it: "region eu or us". */
  readonly label: () => string;
  readonly holds: (offer: Offer) => boolean;
}

/** The conditions on what a node is, without those that name nodes or owners to leave out. */
export function attributeClauses(constraints: Constraints): Clause[] {
  const clauses: Clause[] = [];
  const { regions, kinds, min_speed, labels, min_trust, owners, nodes } = constraints;
  if (regions) clauses.push(oneOf('region', regions, (offer) => offer.attributes.region));
  if (kinds) clauses.push(oneOf('kind', kinds, (offer) => offer.attributes.kind));
  if (min_speed !== undefined)
    clauses.push({
      label: () => `at least ${min_speed} fuel/ms`,
      holds: (offer) => offer.attributes.speed >= min_speed,
    });
  if (min_trust !== undefined)
    clauses.push({
      label: () => `trust level ${min_trust} or more`,
      holds: (offer) => offer.attributes.trust >= min_trust,
    });
  for (const label of labels ?? [])
    clauses.push({ label: () => `label ${label}`, holds: (offer) => offer.attributes.labels.includes(label) });
  if (owners) clauses.push(oneOf('owner', owners, (offer) => offer.owner));
  if (nodes) clauses.push(oneOf('node', nodes, (offer) => offer.id));
  return clauses;
}

/** The nodes and owners an order will not have. */
export function exclusionClauses({ not_nodes, not_owners }: Constraints): Clause[] {
  const clauses: Clause[] = [];
  if (not_nodes?.length) clauses.push(noneOf('node', not_nodes, (offer) => offer.id));
  if (not_owners?.length) clauses.push(noneOf('owner', not_owners, (offer) => offer.owner));
  return clauses;
}

/** The owner's say. */
export function admits(rules: OwnerRules | undefined, buyer: string, work: string): boolean {
  if (!rules) return true;
  if (rules.deny_buyers?.includes(buyer)) return false;
  if (rules.allow_buyers && !rules.allow_buyers.includes(buyer)) return false;
  return !rules.workload_classes || rules.workload_classes.includes(work);
}

function oneOf(what: string, values: readonly string[], read: (offer: Offer) => string): Clause {
  return { label: () => `${what} ${shown(values)}`, holds: membership(values, read) };
}

function noneOf(what: string, values: readonly string[], read: (offer: Offer) => string): Clause {
  const inside = membership(values, read);
  return { label: () => `not ${what} ${shown(values)}`, holds: (offer) => !inside(offer) };
}

function membership(values: readonly string[], read: (offer: Offer) => string): (offer: Offer) => boolean {
  if (values.length < 8) return (offer) => values.includes(read(offer));
  const set = new Set(values);
  return (offer) => set.has(read(offer));
}

function shown(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  if (values.length <= 3) return values.join(' or ');
  return `${values.slice(0, 2).join(', ')} or one of ${values.length - 2} others`;
}
