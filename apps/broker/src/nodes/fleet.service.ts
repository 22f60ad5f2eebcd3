import { Injectable } from '@nestjs/common';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { nodeUnknown } from './nodes.errors.js';
import { NodesService } from './nodes.service.js';
import { NodesStore } from './nodes.store.js';
import { OwnerWordsService } from './owner-words.service.js';
import { RulesService } from './rules.service.js';

type Deed = BodyOf<typeof ROUTES.fleet>['deed'];
type Result = ResponseOf<typeof ROUTES.fleet>['results'][number];

const DONE = { code: 'done', sentence: 'Done.' };
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
/** Done at the same time: each of them takes a connection to the database. */
const TOGETHER = 4;

/** One thing done to many devices: what fails on one is said of that one, and done to the others all the same. */
@Injectable()
export class FleetService {
  constructor(
    private readonly store: NodesStore,
    private readonly nodes: NodesService,
    private readonly words: OwnerWordsService,
    private readonly rules: RulesService,
  ) {}

  /** @param node_ids null is all of the owner's. */
  async do(owner_id: string, node_ids: readonly string[] | null, deed: Deed): Promise<Result[]> {
    const ids = node_ids === null ? await this.store.idsOf(owner_id) : [...new Set(node_ids)];
    if (deed.do === 'hold') return said(ids, await this.words.holdAll(owner_id, ids, deed.for_ms));
    if (deed.do === 'release') return said(ids, await this.words.holdAll(owner_id, ids, undefined));
    if (deed.do === 'groups') return said(ids, await this.store.describe(owner_id, ids, { groups: deed.groups }));
    const results: Result[] = [];
    for (let at = 0; at < ids.length; at += TOGETHER)
      results.push(...(await Promise.all(ids.slice(at, at + TOGETHER).map((node_id) => this.one(owner_id, node_id, deed)))));
    return results;
  }

  private async one(owner_id: string, node_id: string, deed: Extract<Deed, { do: 'rules' | 'price' | 'revoke' }>): Promise<Result> {
    try {
      if (deed.do === 'rules') await this.words.setRules(owner_id, node_id, deed.rules);
      else if (deed.do === 'revoke') await this.nodes.revoke(owner_id, node_id);
      else {
        const price = deed.price_micro;
        const hours = price === null ? [] : [{ weekdays: EVERY_DAY, from_hour: 0, to_hour: 24, price_micro: price }];
        await this.rules.setOfferTerms(owner_id, node_id, { hours });
      }
      return { node_id, ok: true, reason: DONE };
    } catch (error) {
      if (!(error instanceof HeapError)) throw error;
      return refusal(node_id, error);
    }
  }
}

const refusal = (node_id: string, { code, message }: HeapError): Result => ({ node_id, ok: false, reason: { code, sentence: message } });

function said(ids: readonly string[], done: readonly string[]): Result[] {
  const known = new Set(done);
  return ids.map((node_id) => (known.has(node_id) ? { node_id, ok: true, reason: DONE } : refusal(node_id, nodeUnknown())));
}
