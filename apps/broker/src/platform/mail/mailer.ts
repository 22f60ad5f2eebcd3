import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import nodemailer, { type Transporter } from 'nodemailer';
import { CONFIG, type Config, publicUrl } from '../config/config.js';
import { MailCatcher } from './mail-catcher.js';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** The same for the same mail, however often it is sent. */
  message_id: string;
  headers: Readonly<Record<string, string>>;
}

/** A mail that was not taken. */
export class MailFailure extends Error {
  constructor(
    readonly code: 'mail_refused' | 'mail_unreachable' | 'mail_not_set_up',
    sentence: string,
    readonly passing: boolean,
  ) {
    super(sentence);
  }
}

const NOT_SET_UP = new MailFailure('mail_not_set_up', 'This heap sends no e-mail: its operator has not set SMTP_URL.', false);
const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** The one door to mail: over SMTP, on a local heap to its own catcher. */
@Injectable()
export class Mailer implements OnModuleDestroy {
  private transport: Promise<Transporter> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly catcher: MailCatcher,
  ) {}

  /** Why nothing can be sent; null when it can. */
  get trouble(): MailFailure | null {
    return this.config.smtp_url !== undefined || this.catcher.active ? null : NOT_SET_UP;
  }

  /** Resolves when the mail server has taken it. @throws MailFailure */
  async send({ to, message_id, ...mail }: Mail): Promise<void> {
    if (this.trouble) throw this.trouble;
    try {
      this.transport ??= this.connect();
      const transport = await this.transport;
      // An object, so that nothing in it is taken for more than one address.
      await transport.sendMail({
        ...mail,
        from: this.from(),
        to: { name: '', address: to },
        messageId: message_id,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    } catch (error) {
      const { responseCode, code, message } = error as { responseCode?: number; code?: string; message: string };
      const refused = (responseCode !== undefined && responseCode >= 500) || code === 'EENVELOPE';
      throw new MailFailure(
        refused ? 'mail_refused' : 'mail_unreachable',
        refused ? `The mail server did not take it: ${message.slice(0, 200)}` : `The mail server was not reached (${code ?? 'no code'}).`,
        !refused,
      );
    }
  }

  async onModuleDestroy(): Promise<void> {
    (await this.transport?.catch(() => undefined))?.close();
  }

  private async connect(): Promise<Transporter> {
    if (this.config.smtp_url !== undefined) return nodemailer.createTransport({ url: this.config.smtp_url, ...PATIENCE });
    return nodemailer.createTransport({ host: '127.0.0.1', port: await this.catcher.listen(), ignoreTLS: true, ...PATIENCE });
  }

  private from(): string | { name: string; address: string } {
    return this.config.mail_from ?? { name: this.config.name, address: `heap@${new URL(publicUrl(this.config)).hostname}` };
  }
}
