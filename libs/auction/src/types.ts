import type { Micro, NodeKind } from '#units';
import type { OfferReason, OrderReason } from './reasons.js';

/** What a node is; the facts that orders' constraints speak about. */
export interface Attributes {
  readonly region: string;
  readonly kind: NodeKind;
  /** Measured speed of one slot: fuel per millisecond. */
  readonly speed: number;
  readonly labels: readonly string[];
  /** Trust level, 0 for a stranger. */
  readonly trust: number;
  /** What feeds it, as far as that is known: only used to spread an order over different supplies. */
  readonly power?: string;
}

/** The owner's rules. A list that is absent rules nothing out. */
export interface OwnerRules {
  readonly allow_buyers?: readonly string[];
  readonly deny_buyers?: readonly string[];
  /** The workload classes the owner consents to. */
  readonly workload_classes?: readonly string[];
}

/** A node's standing offer in one market. */
export interface Offer {
  /** The node's id. */
  readonly id: string;
  readonly owner: string;
  /** The owner's accounts, cards and devices that are linked (money.md, I9); the owner itself where nothing else is known. */
  readonly cluster?: string;
  readonly market: string;
  /** Free slots; 0 keeps the node known, so that an order can be told that everything it could use is leased. */
  readonly slots: number;
  /** Micro-units per unit of the market (work: per 10¹² fuel). Nothing is sold below it. */
  readonly reserve_price: Micro;
  readonly attributes: Attributes;
  readonly rules?: OwnerRules;
  /** Milliseconds or a sequence number: the earlier wins a tie. */
  readonly arrival: number;
  /** When the next leased slot of the node is due to be free, as an instant in ms; only used to explain. */
  readonly leased_until_ms?: number;
}

/** Hard constraints: all that are given must hold. */
export interface Constraints {
  readonly regions?: readonly string[];
  readonly kinds?: readonly NodeKind[];
  readonly min_speed?: number;
  /** The node must have all of them. */
  readonly labels?: readonly string[];
  readonly min_trust?: number;
  /** Only nodes of these owners (own nodes: the buyer's own id). */
  readonly owners?: readonly string[];
  readonly not_owners?: readonly string[];
  /** Only these nodes. */
  readonly nodes?: readonly string[];
  readonly not_nodes?: readonly string[];
}

/**
 * A soft constraint. The maximum price is what the order pays for a slot that has everything it prefers; a slot
 * without `prefer` is worth `weight` less to it. So a preference never makes anybody pay above the maximum.
 */
export interface Preference {
  readonly prefer: Constraints;
  readonly weight: Micro;
}

/** A developer's bid in one market. */
export interface Order {
  readonly id: string;
  readonly buyer: string;
  /** As an offer's: slots of the same cluster are the buyer's own. Default the buyer itself. */
  readonly cluster?: string;
  readonly market: string;
  /** Slots at a time. */
  readonly quantity: number;
  /** With fewer slots than this it takes none; equal to `quantity` it is all or nothing. Default 1: partial fills are welcome. */
  readonly min_quantity?: number;
  readonly max_price: Micro;
  /** For how many slots at its maximum price the budget still lasts; the order counts as no larger. Default: for all. */
  readonly budget_slots?: number;
  readonly workload_class?: string;
  readonly constraints?: Constraints;
  readonly preferences?: readonly Preference[];
  /** Where there is a choice at no cost, slots are taken from different owners, regions or nodes in turn. */
  readonly spread?: 'owner' | 'region' | 'power' | 'node';
  /** Nodes of which it holds a slot whose term ends now, one entry a slot: it keeps them where bids tie. */
  readonly incumbents?: readonly string[];
  readonly arrival: number;
}

export interface ClearingRules {
  /**
   * Prices are whole ticks: a maximum counts as the tick below it and a reserve as the tick above it. Bids within one tick
   * are thus equal, and an incumbent wins among equals, so that leases do not flap.
   */
  readonly tick: Micro;
}

/** The offers of one market with their figures in flat arrays; `OfferIndex` keeps them. */
export interface OfferColumns {
  readonly offers: readonly Offer[];
  readonly ids: readonly string[];
  /** Reserve in micro-units, free slots and arrival of each of them. */
  readonly price: Float64Array;
  readonly slots: Int32Array;
  readonly arrival: Float64Array;
  /** Fuel per millisecond of one slot. */
  readonly speed: Float64Array;
  /** Where known: the row of a node, and how many offers each cluster has. */
  readonly rowOf?: (id: string) => number | undefined;
  readonly clusters?: ReadonlyMap<string, number>;
  /** The different rules of all owners. */
  readonly rules: ReadonlySet<OwnerRules>;
  /** Where known: which offers agree in region, kind, trust and labels, and one offer of each such trait. */
  readonly traits?: { readonly of: Int32Array; readonly examples: readonly Offer[] };
}

export interface RoundInput {
  /** Plain offers of any markets, or an index of one market. */
  readonly offers: readonly Offer[] | OfferColumns;
  readonly orders: readonly Order[];
  readonly rules?: ClearingRules;
}

/** `slots` slots of one node go to one order at one price. */
export interface Assignment {
  readonly order_id: string;
  readonly offer_id: string;
  readonly slots: number;
  readonly price: Micro;
  readonly grade: string;
  /** A slot of the buyer's own cluster, at its reserve: what it earns may not be withdrawn. */
  readonly own?: true;
}

/** The price of a grade: slots that the orders of this round cannot tell apart. Only grades that somebody wanted have one. */
export interface GradePrice {
  readonly market: string;
  readonly grade: string;
  readonly price: Micro;
  readonly slots: number;
  readonly sold: number;
}

export interface UnmatchedOrder {
  readonly order_id: string;
  /** Slots it wanted and did not get. */
  readonly slots: number;
  readonly reason: OrderReason;
}

export interface UnmatchedOffer {
  readonly offer_id: string;
  readonly slots: number;
  readonly reason: OfferReason;
}

export interface Clearing {
  readonly assignments: readonly Assignment[];
  readonly prices: readonly GradePrice[];
  readonly unmatched_orders: readonly UnmatchedOrder[];
  /** Worked out when first read, as a heap has many idle offers and few readers: read it before an index it came from changes. */
  readonly unmatched_offers: readonly UnmatchedOffer[];
}
