import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction, violatedConstraint } from '#database';
import type { Micro } from '#units';
import { campaignBudgetTooSmall, campaignExists } from './promotions.errors.js';

export interface CampaignRow {
  id: string;
  code: string;
  name: string;
  amount: Micro;
  budget: Micro;
  granted: Micro;
  days: number;
  ends_at: Date;
  over: boolean;
}

export interface GrantRow {
  id: string;
  person_id: string;
  campaign: string;
  amount: Micro;
  left: Micro;
  expires_at: Date;
}

const GRANT = `SELECT g.id, g.person_id, c.name AS campaign, g.amount, g.amount - g.used - g.expired AS left, g.expires_at
  FROM promo_grant g JOIN campaign c ON c.id = g.campaign_id`;

@Injectable()
export class PromotionsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Redemptions of one campaign come one after the other. */
  async lockCampaign(tx: Transaction, code: string): Promise<CampaignRow | null> {
    const { rows } = await tx.query<CampaignRow>('SELECT *, ends_at <= now() AS over FROM campaign WHERE code = $1 FOR UPDATE', [code]);
    return rows[0] ?? null;
  }

  /** What a campaign gave to any of these people. */
  async grantsTo(tx: Transaction, campaign_id: string, people: readonly string[]): Promise<GrantRow[]> {
    const { rows } = await tx.query<GrantRow>(`${GRANT} WHERE g.campaign_id = $1 AND g.person_id = ANY($2)`, [campaign_id, people]);
    return rows;
  }

  /** @returns false when the rest of the budget is less than what each person gets. */
  async grantFromBudget(tx: Transaction, campaign_id: string): Promise<boolean> {
    const { rowCount } = await tx.query('UPDATE campaign SET granted = granted + amount WHERE id = $1 AND granted + amount <= budget', [
      campaign_id,
    ]);
    return rowCount === 1;
  }

  async insertGrant(tx: Transaction, id: string, person_id: string, { id: campaign_id, amount, days }: CampaignRow): Promise<void> {
    await tx.query(
      `INSERT INTO promo_grant (id, campaign_id, person_id, amount, expires_at) VALUES ($1, $2, $3, $4, now() + make_interval(days => $5))`,
      [id, campaign_id, person_id, amount, days],
    );
  }

  async grantsOf(person_id: string): Promise<GrantRow[]> {
    const { rows } = await this.database.query<GrantRow>(`${GRANT} WHERE g.person_id = $1 ORDER BY g.expires_at, g.id`, [person_id]);
    return rows;
  }

  /** @throws HeapError about a code that is taken, or terms that make no sense. */
  async insertCampaign(
    tx: Transaction,
    campaign: Pick<CampaignRow, 'id' | 'code' | 'name' | 'amount' | 'budget' | 'days'> & { ends_at: string; created_by: string },
  ): Promise<void> {
    const { id, code, name, amount, budget, days, ends_at, created_by } = campaign;
    try {
      const { rowCount } = await tx.query(
        `INSERT INTO campaign (id, code, name, amount, budget, days, ends_at, created_by)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE $7::timestamptz > now() AND $4::bigint <= $5::bigint`,
        [id, code, name, amount, budget, days, ends_at, created_by],
      );
      if (rowCount !== 1) throw campaignBudgetTooSmall();
    } catch (error) {
      if (violatedConstraint(error) === 'campaign_code_key') throw campaignExists(code);
      throw error;
    }
  }

  async campaigns(): Promise<(CampaignRow & { people: number; used: Micro; expired: Micro })[]> {
    const { rows } = await this.database.query<CampaignRow & { people: number; used: Micro; expired: Micro }>(
      `SELECT c.*, count(g.id)::int AS people, COALESCE(sum(g.used), 0)::bigint AS used, COALESCE(sum(g.expired), 0)::bigint AS expired
       FROM campaign c LEFT JOIN promo_grant g ON g.campaign_id = c.id GROUP BY c.id ORDER BY c.created_at DESC, c.id`,
    );
    return rows;
  }
}
