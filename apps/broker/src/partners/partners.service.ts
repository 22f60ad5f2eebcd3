import { Injectable } from '@nestjs/common';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { BalancesQuery } from '../money/balances.query.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { linkUnknown, notPartner, partnerUnknown } from './partners.errors.js';
import { type LinkRow, PartnersStore } from './partners.store.js';

export type PartnerView = ResponseOf<typeof ROUTES.getPartner>;
export type LinkView = ResponseOf<typeof ROUTES.createPartnerLink>;

/** Who brings devices, by which links, and what they have of the fee. */
@Injectable()
export class PartnersService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: PartnersStore,
    private readonly people: PeopleQuery,
    private readonly balances: BalancesQuery,
    private readonly log: AdminLog,
  ) {}

  /** @throws HeapError `partner.not_found`. */
  async get(person_id: string): Promise<PartnerView> {
    const partner = await this.store.find(person_id);
    if (!partner) throw notPartner();
    return {
      name: partner.name,
      links: (await this.store.links(person_id)).map(viewOf),
      pending_micro: String(await this.store.pendingOf(person_id)),
      payable_micro: String(await this.balances.ofAccount(2150, person_id)),
    };
  }

  async all(): Promise<(PartnerView & { person_id: string })[]> {
    const partners: (PartnerView & { person_id: string })[] = [];
    for (const { person_id } of await this.store.all()) partners.push({ person_id, ...(await this.get(person_id)) });
    return partners;
  }

  async create(admin_id: string, { email, name }: BodyOf<typeof ROUTES.createPartner>): Promise<{ person_id: string; name: string }> {
    const person = await this.people.byEmail(email);
    if (!person) throw partnerUnknown();
    await this.transactions.run(async (tx) => {
      await this.store.put(tx, person.id, name, admin_id);
      await this.log.add(tx, admin_id, 'partner.create', person.id, { name });
    });
    return { person_id: person.id, name };
  }

  async createLink(admin_id: string, person_id: string, terms: BodyOf<typeof ROUTES.createPartnerLink>): Promise<LinkView> {
    if (!(await this.store.find(person_id))) throw partnerUnknown();
    const { code, name, share_basis_points: share_bps } = terms;
    const id = newId();
    await this.transactions.run(async (tx) => {
      await this.store.insertLink(tx, { id, code, person_id, name, share_bps, created_by: admin_id });
      await this.log.add(tx, admin_id, 'partner_link.create', code, { ...terms, person_id });
    });
    const made = (await this.store.links(person_id)).find((link) => link.id === id);
    if (!made) throw linkUnknown(code);
    return viewOf(made);
  }

  async closeLink(admin_id: string, link_id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!(await this.store.closeLink(tx, link_id))) throw linkUnknown(link_id);
      await this.log.add(tx, admin_id, 'partner_link.close', link_id, {});
    });
  }
}

const viewOf = (row: LinkRow): LinkView => ({
  link_id: row.id,
  code: row.code,
  name: row.name,
  share_basis_points: row.share_bps,
  devices: row.devices,
  earned_micro: String(row.earned),
  refunded_micro: String(row.refunded),
  pending_micro: String(row.pending),
  closed_at: row.closed_at?.toISOString() ?? null,
});
