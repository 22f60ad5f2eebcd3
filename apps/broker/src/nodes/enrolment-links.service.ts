import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type BodyOf, LINKS_OPEN_MAX, linkCode, type ResponseOf, type ROUTES } from '#protocol';
import { PartnersCommands } from '../partners/partners.commands.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { CODE_TTL_SECONDS, hashOf } from './enrolment.service.js';
import { EnrolmentLinksStore, type LinkRow } from './enrolment-links.store.js';
import { linkRefused, linksTooMany, linkUnknown } from './nodes.errors.js';

type LinkView = ResponseOf<typeof ROUTES.listEnrolmentLinks>['links'][number];

/** Links for many devices: none of them enrols anything, each use makes a code for one device. */
@Injectable()
export class EnrolmentLinksService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: EnrolmentLinksStore,
    private readonly partners: PartnersCommands,
  ) {}

  /** 160 bits; only their hash is kept. @throws HeapError `partner_link.not_found`, `enrolment_links.conflict` where too many are open. */
  async create(
    owner_id: string,
    { label, uses_max, days, partner }: BodyOf<typeof ROUTES.createEnrolmentLink>,
  ): Promise<{ code: string; link: LinkView }> {
    const partner_link_id = partner === undefined ? null : await this.partners.openLink(partner);
    const code = linkCode(randomBytes(20).toString('base64url'));
    const id = newId();
    if (!(await this.store.insert({ id, owner_id, code_hash: hashOf(code), label, partner_link_id, uses_max, days }, LINKS_OPEN_MAX)))
      throw linksTooMany(LINKS_OPEN_MAX);
    const link = (await this.list(owner_id)).find(({ link_id }) => link_id === id);
    if (!link) throw linkUnknown();
    return { code, link };
  }

  async list(owner_id: string): Promise<LinkView[]> {
    return (await this.store.listOf(owner_id)).map(({ closed, over, ...row }) => ({
      ...row,
      created_at: row.created_at.toISOString(),
      expires_at: row.expires_at.toISOString(),
      state: stateOf({ ...row, closed, over }),
    }));
  }

  /** @throws HeapError `not_found`, also for another owner's. */
  async close(owner_id: string, link_id: string): Promise<void> {
    if (!(await this.store.close(owner_id, link_id))) throw linkUnknown();
  }

  /** @throws HeapError `enrolment_link_refused` for one that is unknown, closed, over or used up: which, is nobody's business who holds it. */
  async use(link: string): Promise<{ code: string; expires_at: Date }> {
    const code = randomBytes(20).toString('hex');
    const expires_at = await this.transactions.run((tx) => this.store.use(tx, hashOf(link), hashOf(code), CODE_TTL_SECONDS));
    if (!expires_at) throw linkRefused();
    return { code, expires_at };
  }
}

function stateOf({ closed, over, uses, uses_max }: Pick<LinkRow, 'closed' | 'over' | 'uses' | 'uses_max'>): LinkView['state'] {
  if (closed) return { code: 'closed', sentence: 'You have closed it.' };
  if (uses >= uses_max) return { code: 'used_up', sentence: `It was used ${uses_max} times, as often as you allowed.` };
  if (over) return { code: 'over', sentence: 'Its time is over.' };
  return { code: 'open', sentence: `It can be used ${uses_max - uses} times more.` };
}
