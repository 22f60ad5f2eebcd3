import { Inject, Injectable } from '@nestjs/common';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { AddressConfirmation } from '../accounts/address-confirmation.commands.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { OwnAddress } from '../platform/http/own-address.js';
import { newId } from '../platform/ids.js';
import { Mailer, MailFailure } from '../platform/mail/mailer.js';
import { FewAWhile } from './few-a-while.js';
import { NoticeKey } from './notice-key.js';
import { askedTooOften, linkTooOld, mailNotSetUp } from './notices.errors.js';

const VALID_MS = 24 * 3_600_000;

/** Finds out whether an address is its person's. */
@Injectable()
export class AddressesService {
  private readonly asked = new FewAWhile(3, 3_600_000);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly people: PeopleQuery,
    private readonly confirmation: AddressConfirmation,
    private readonly mailer: Mailer,
    private readonly own: OwnAddress,
    private readonly key: NoticeKey,
  ) {}

  /** @throws HeapError `rate_limited` after three in an hour, `mail.unavailable`. */
  async ask(person_id: string): Promise<{ address: string }> {
    const person = await this.people.byId(person_id);
    if (!person) throw linkTooOld();
    if (this.mailer.trouble) throw mailNotSetUp(this.mailer.trouble.message);
    if (!this.asked.take(person_id)) throw askedTooOften();
    const token = this.key.token('confirm address', [person_id, person.email, Date.now() + VALID_MS]);
    const url = `${this.own.url()}/confirm-address?token=${token}`;
    const text = `Somebody with an account at ${this.config.name} says that this is their address. If it was you, open this within a day:\n\n${url}\n\nIf not, do nothing: without it hardly anything is mailed here.`;
    const html = `<!doctype html><html lang="en"><body><p>An account at this heap names this address. If it is yours, <a href="${url}">confirm it</a> within a day. If not, do nothing.</p></body></html>`;
    try {
      await this.mailer.send({
        to: person.email,
        subject: 'Is this your address?',
        text,
        html,
        message_id: `<${newId()}@open-heaps>`,
        headers: {},
      });
    } catch (error) {
      if (error instanceof MailFailure) throw mailNotSetUp(error.message);
      throw error;
    }
    return { address: person.email };
  }

  /** @throws HeapError `notice_link.gone` for a link that is too old, or of an address the person has no more. */
  async confirm(token: string): Promise<{ address: string }> {
    const [person_id, address, until_ms] = this.key.read('confirm address', token) ?? [];
    if (typeof person_id !== 'string' || typeof address !== 'string' || typeof until_ms !== 'number' || until_ms < Date.now())
      throw linkTooOld();
    if (!(await this.confirmation.confirm(person_id, address))) throw linkTooOld();
    return { address };
  }
}
