import { Injectable } from '@nestjs/common';
import { promoGrant } from '#ledger';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { LinksQuery } from '../funding/links.query.js';
import { MoneyService } from '../money/money.service.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { promoOver, promoSpent, promoTaken, promoUnknown } from './promotions.errors.js';
import { type GrantRow, PromotionsStore } from './promotions.store.js';

export type GrantView = ResponseOf<typeof ROUTES.redeemPromo>;
export type CampaignView = ResponseOf<typeof ROUTES.createCampaign>;

/** Campaigns give promotional money: 5050 → 2020. */
@Injectable()
export class PromotionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: PromotionsStore,
    private readonly links: LinksQuery,
    private readonly money: MoneyService,
    private readonly log: AdminLog,
  ) {}

  /**
   * The same person redeeming again is told of the same grant.
   * @throws HeapError `promo.not_found`, `promo_ended.conflict`, `promo_budget.conflict`, `promo_taken.conflict`.
   */
  async redeem(person_id: string, code: string): Promise<GrantView> {
    const grant = await this.transactions.run(async (tx): Promise<GrantRow | undefined> => {
      const campaign = await this.store.lockCampaign(tx, code);
      if (!campaign) throw promoUnknown(code);
      const given = await this.store.grantsTo(tx, campaign.id, await this.links.clusterOf(person_id, tx));
      const known = given.find((grant) => grant.person_id === person_id);
      if (known) return known;
      if (given.length > 0) throw promoTaken();
      if (campaign.over) throw promoOver(code);
      if (!(await this.store.grantFromBudget(tx, campaign.id))) throw promoSpent(code);
      const grant_id = newId();
      await this.store.insertGrant(tx, grant_id, person_id, campaign);
      await this.money.record(tx, [promoGrant({ grant_id, developer: person_id, amount: campaign.amount })]);
      return (await this.store.grantsTo(tx, campaign.id, [person_id]))[0];
    });
    if (!grant) throw promoUnknown(code);
    return viewOf(grant);
  }

  async grantsOf(person_id: string): Promise<GrantView[]> {
    return (await this.store.grantsOf(person_id)).map(viewOf);
  }

  async create(admin_id: string, terms: BodyOf<typeof ROUTES.createCampaign>): Promise<CampaignView> {
    const { code, name, days, ends_at } = terms;
    const campaign = { id: newId(), code, name, days, ends_at, amount: BigInt(terms.amount_micro), budget: BigInt(terms.budget_micro) };
    await this.transactions.run(async (tx) => {
      await this.store.insertCampaign(tx, { ...campaign, created_by: admin_id });
      await this.log.add(tx, admin_id, 'campaign.create', code, terms);
    });
    const made = (await this.campaigns()).find(({ campaign_id }) => campaign_id === campaign.id);
    if (!made) throw promoUnknown(code);
    return made;
  }

  async campaigns(): Promise<CampaignView[]> {
    return (await this.store.campaigns()).map((row) => ({
      campaign_id: row.id,
      code: row.code,
      name: row.name,
      amount_micro: String(row.amount),
      budget_micro: String(row.budget),
      granted_micro: String(row.granted),
      used_micro: String(row.used),
      expired_micro: String(row.expired),
      people: row.people,
      days: row.days,
      ends_at: row.ends_at.toISOString(),
    }));
  }
}

const viewOf = ({ id, campaign, amount, left, expires_at }: GrantRow): GrantView => ({
  grant_id: id,
  campaign,
  amount_micro: String(amount),
  left_micro: String(left),
  expires_at: expires_at.toISOString(),
});
