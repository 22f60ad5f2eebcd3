import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type BodyOf, enrolmentSigningText, type ROUTES } from '#protocol';
import { PartnersCommands } from '../partners/partners.commands.js';
import { Transactions } from '../platform/database/transactions.js';
import { verifyEd25519 } from '../platform/ed25519.js';
import { newId } from '../platform/ids.js';
import { enrolmentCodeRefused, enrolmentSignatureWrong } from './nodes.errors.js';
import { NodesStore } from './nodes.store.js';

const CODE_TTL_SECONDS = 600;

const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex');

/** How a device becomes a node: a code of its owner's, used once, and a key made on the device. */
@Injectable()
export class EnrolmentService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: NodesStore,
    private readonly partners: PartnersCommands,
  ) {}

  /** 160 bits; only its hash is kept. With a partner's link the device is one that this partner brought. @throws HeapError `partner_link.not_found`. */
  async createCode(person_id: string, partner?: string): Promise<{ code: string; expires_at: Date }> {
    const link_id = partner === undefined ? null : await this.partners.openLink(partner);
    const code = randomBytes(20).toString('base64url');
    return { code, expires_at: await this.store.insertCode(hashOf(code), person_id, CODE_TTL_SECONDS, link_id) };
  }

  /** @throws HeapError `signature_wrong`, `enrolment_code_refused` (the code stays unused then), `conflict`. */
  async enrol(request: BodyOf<typeof ROUTES.enrolNode>): Promise<string> {
    const text = enrolmentSigningText(request.enrolment_code, request.public_key);
    if (!verifyEd25519(request.public_key, text, request.signature)) throw enrolmentSignatureWrong();
    const node_id = newId();
    await this.transactions.run(async (tx) => {
      const taken = await this.store.takeCode(tx, hashOf(request.enrolment_code), node_id);
      if (!taken) throw enrolmentCodeRefused();
      const { person_id: owner_id, partner_link_id } = taken;
      await this.store.insertNode(tx, { id: node_id, owner_id, name: request.name, kind: request.kind, public_key: request.public_key });
      if (partner_link_id) await this.partners.attribute(tx, node_id, partner_link_id);
    });
    return node_id;
  }
}
