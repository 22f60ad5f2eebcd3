import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { CONFIG, type Config } from '../config/config.js';

const KEPT = 200;
const MAIL_BYTES = 1024 * 1024;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const NAME = /^\d{14}-[0-9a-f]{8}\.eml$/;

/**
 * A mail server on loopback that keeps what it gets in the data folder instead of sending it: what a heap on one machine has for mail. It
 * begins to listen with the first mail.
 */
@Injectable()
export class MailCatcher implements OnModuleDestroy {
  /** This heap is one that catches its mail. */
  readonly active: boolean;
  private readonly folder: string;
  private listening: Promise<SMTPServer> | undefined;

  constructor(@Inject(CONFIG) config: Config) {
    this.active = config.smtp_url === undefined && config.simulated_payments && LOOPBACK.has(config.host);
    this.folder = path.join(config.data_dir, 'mail');
  }

  /** @returns the port. */
  async listen(): Promise<number> {
    this.listening ??= this.open();
    return ((await this.listening).server.address() as AddressInfo).port;
  }

  async onModuleDestroy(): Promise<void> {
    const server = await this.listening?.catch(() => undefined);
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Names of the mails that are kept, newest first. */
  async list(): Promise<string[]> {
    const names = await fs.readdir(this.folder).catch(() => []);
    return names.filter((name) => NAME.test(name)).sort((a, b) => b.localeCompare(a));
  }

  /** @returns null when there is none of this name. */
  async read(name: string): Promise<Email | null> {
    if (!NAME.test(name)) return null;
    const bytes = await fs.readFile(path.join(this.folder, name)).catch(() => null);
    return bytes === null ? null : PostalMime.parse(bytes);
  }

  private async open(): Promise<SMTPServer> {
    await fs.mkdir(this.folder, { recursive: true });
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      size: MAIL_BYTES,
      logger: false,
      onData: (stream, _, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.once('end', () => void this.keep(Buffer.concat(parts)).then(() => done(), done));
      },
    });
    server.on('error', () => {});
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  private async keep(mail: Buffer): Promise<void> {
    const at = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    await fs.writeFile(path.join(this.folder, `${at}-${randomBytes(4).toString('hex')}.eml`), mail, { mode: 0o600 });
    for (const old of (await this.list()).slice(KEPT)) await fs.rm(path.join(this.folder, old), { force: true });
  }
}
