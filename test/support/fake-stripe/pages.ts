import type { Stripe } from 'stripe';
import { object, type Params, text, whole } from './form.js';

interface Listed {
  readonly id: string;
  readonly created: number;
}

/** Newest first, `limit` at a time, from behind the object `starting_after`. */
export function page<T extends Listed>(url: string, all: readonly T[], query: Params): Stripe.ApiList<T> {
  const { gte } = object(query.created);
  const since = gte === undefined ? 0 : whole(gte);
  const newest = all.filter(({ created }) => created >= since).reverse();
  const after = text(query.starting_after);
  const start = after === null ? 0 : newest.findIndex(({ id }) => id === after) + 1;
  const limit = Math.min(query.limit === undefined ? 10 : whole(query.limit), 100);
  return { object: 'list', data: newest.slice(start, start + limit), has_more: newest.length > start + limit, url };
}
