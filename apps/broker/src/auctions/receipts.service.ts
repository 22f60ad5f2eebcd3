import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { candles, DEFAULT_RULES, makeReceipt } from '#auction';
import { CANDLE_TERMS_MS, type ParamsOf, type QueryOf, type ResponseOf, type ROUTES, type RoundView } from '#protocol';
import { HeapError, type MarketName } from '#units';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import type { Decided } from './goods.commands.js';
import { ReceiptsStore, type RoundRow } from './receipts.store.js';

const TERMS_MS = Object.values(CANDLE_TERMS_MS);

/** Writes down what a round decided so that anyone can recompute it, and gives it out again. */
@Injectable()
export class ReceiptsService {
  constructor(private readonly store: ReceiptsStore) {}

  /**
   * Appends a round to its market's chain, in the round's own transaction.
   * @returns its id.
   * @throws HeapError `lead_lost`: the round must not happen.
   */
  async write(tx: Transaction, market: MarketName, leader_epoch: bigint, { book, clearing }: Decided): Promise<string> {
    const [previous, now] = [await this.store.last(tx, market), await this.store.now(tx)];
    const id = newId();
    const previous_hash = previous?.hash ?? null;
    const receipt = makeReceipt(
      {
        round_id: id,
        market,
        cleared_at: now.toISOString(),
        input: { offers: book.offers, orders: book.orders, rules: DEFAULT_RULES },
        clearing,
        previous_hash,
      },
      sha256,
    );
    const { assignments } = clearing;
    const [sold] = candles([{ market, cleared_at_ms: now.getTime(), assignments }], CANDLE_TERMS_MS['1m']);
    const sold_to = [...new Set(assignments.filter(({ own }) => !own).map(({ order_id }) => order_id))];
    const number = (previous?.number ?? 0n) + 1n;
    const round = { id, market, number, leader_epoch, receipt, hash: receipt.hash, previous_hash, sold, sold_to };
    await this.store.insert(tx, round, TERMS_MS);
    return id;
  }

  /** @throws HeapError `not_found`. */
  async get(round_id: string): Promise<ResponseOf<typeof ROUTES.getRound>> {
    const row = await this.store.find(round_id);
    if (!row) throw new HeapError('not_found', 'There is no such round.', 'user');
    return viewOf(row);
  }

  async list(
    { market }: ParamsOf<typeof ROUTES.listRounds>,
    { after, since, limit }: QueryOf<typeof ROUTES.listRounds>,
  ): Promise<ResponseOf<typeof ROUTES.listRounds>> {
    return { rounds: (await this.store.page(market, after, since, limit)).map(viewOf) };
  }

  async heads(market: MarketName, before: number | undefined, limit: number): Promise<ResponseOf<typeof ROUTES.listRoundHeads>> {
    const rows = await this.store.heads(market, before, limit);
    return {
      rounds: rows.map((row) => ({ ...row, number: Number(row.number), cleared_at: row.cleared_at.toISOString() })),
    };
  }
}

const viewOf = (row: RoundRow): RoundView => ({
  id: row.id,
  market: row.market,
  number: Number(row.number),
  cleared_at: row.cleared_at.toISOString(),
  receipt: { ...row.receipt },
  hash: row.hash,
  previous_hash: row.previous_hash,
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
