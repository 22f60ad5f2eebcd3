import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type BodyOf, enrolmentSigningText, type ROUTES } from '#protocol';
import { HeapError } from '#units';
import { LinksCommands } from '../funding/links.commands.js';
import { PartnersCommands } from '../partners/partners.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { Transactions } from '../platform/database/transactions.js';
import { verifyDevice } from '../platform/device-signature.js';
import { newId } from '../platform/ids.js';
import { BansStore } from './bans.store.js';
import { enrolmentCodeRefused, enrolmentSignatureWrong, ownerOut } from './nodes.errors.js';
import { NodeChanged } from './nodes.events.js';
import { NodesStore } from './nodes.store.js';
import { OwnerWordsStore } from './owner-words.store.js';

export const CODE_TTL_SECONDS = 600;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** How a device becomes a node: a code of its owner's, used once, and a key made on the device. */
@Injectable()
export class EnrolmentService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: NodesStore,
    private readonly bans: BansStore,
    private readonly partners: PartnersCommands,
    private readonly links: LinksCommands,
    private readonly bus: EventBus,
    private readonly words: OwnerWordsStore,
  ) {}

  /** 160 bits; only its hash is kept. With a partner's link the device is one that this partner brought. @throws HeapError `partner_link.not_found`. */
  async createCode(person_id: string, partner?: string): Promise<{ code: string; expires_at: Date }> {
    const link_id = partner === undefined ? null : await this.partners.openLink(partner);
    // A command takes it as an argument: it must not begin as an option does.
    const code = randomBytes(20).toString('hex');
    return { code, expires_at: await this.store.insertCode(hashOf(code), person_id, CODE_TTL_SECONDS, link_id) };
  }

  /** @throws HeapError `signature_wrong`, `enrolment_code_refused` (the code stays unused then), `conflict`, `owner_banned.forbidden`. */
  async enrol(request: BodyOf<typeof ROUTES.enrolNode>): Promise<string> {
    const text = enrolmentSigningText(request.enrolment_code, request.public_key);
    if (!verifyDevice(request.key_algorithm, request.public_key, text, request.signature)) throw enrolmentSignatureWrong();
    const node_id = newId();
    const enrolled = this.transactions.run(async (tx) => {
      const taken = await this.store.takeCode(tx, hashOf(request.enrolment_code), node_id);
      if (!taken) throw enrolmentCodeRefused();
      const { person_id: owner_id, partner_link_id } = taken;
      if (await this.bans.isOut(tx, owner_id)) throw ownerOut();
      const { name, kind, public_key, key_algorithm } = request;
      await this.store.insertNode(tx, { id: node_id, owner_id, name, kind, public_key, key_algorithm });
      await this.words.begin(tx, owner_id, node_id);
      if (partner_link_id) await this.partners.attribute(tx, node_id, partner_link_id);
      await this.links.see(tx, owner_id, 'device', hashOf(request.public_key));
      tx.afterCommit(() => this.bus.publish(NodeChanged, { node_id, owner_id }));
    });
    await enrolled.catch(async (error: unknown) => {
      if (error instanceof HeapError && error.code === 'conflict') await this.noteMoved(request);
      throw error;
    });
    return node_id;
  }

  /** A device that somebody brings who is not its owner: it is not enrolled, and the two are linked from now on. */
  private async noteMoved({ enrolment_code, public_key }: BodyOf<typeof ROUTES.enrolNode>): Promise<void> {
    await this.transactions.run(async (tx) => {
      const person_id = await this.store.ownerOfCode(tx, hashOf(enrolment_code));
      const owner_id = await this.store.ownerOfKey(tx, public_key);
      // Both, for devices that were enrolled before devices linked.
      for (const id of [owner_id, person_id]) if (id) await this.links.see(tx, id, 'device', hashOf(public_key));
    });
  }
}
