import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { uuidv7 } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { PERSON_AUTHENTICATOR, type PersonAuthenticator } from '../platform/http/credentials.js';
import { AccountsStore } from './accounts.store.js';
import { ApiKeysService } from './api-keys.service.js';

const localFile = z.object({ person_id: z.uuid(), email: z.string(), api_key: z.string() });

/** Who works on the machine the heap runs on, and the key that `local.json` in the data folder keeps for them. */
export type LocalPerson = z.output<typeof localFile>;

/** Gives the person at this machine an account and a key, so that a heap on one machine needs no sign-up. */
@Injectable()
export class LocalAccess {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PERSON_AUTHENTICATOR) private readonly authenticator: PersonAuthenticator,
    private readonly store: AccountsStore,
    private readonly api_keys: ApiKeysService,
  ) {}

  /**
   * The local person with a key that works: the one in `local.json` while it is valid, a new one otherwise. The person
   * has no password. Reading the file is the access control: it is readable by its owner only.
   */
  async ensureLocalPerson({ email, name }: { email: string; name: string }): Promise<LocalPerson> {
    const file = path.join(this.config.data_dir, 'local.json');
    const kept = await this.read(file);
    const person_id = await this.store.ensurePerson(uuidv7(Date.now(), randomBytes(10)), email, name);
    if (kept?.person_id === person_id && (await this.authenticator.authenticate({ bearer: kept.api_key }))) return kept;
    const { secret } = await this.api_keys.create(person_id, `this machine, ${new Date().toISOString()}`);
    const local: LocalPerson = { person_id, email, api_key: secret };
    await writePrivately(file, `${JSON.stringify(local, null, 2)}\n`);
    return local;
  }

  private async read(file: string): Promise<LocalPerson | undefined> {
    const text = await fs.readFile(file, 'utf8').catch(() => '');
    try {
      return localFile.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }
}

async function writePrivately(file: string, text: string): Promise<void> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await fs.writeFile(draft, text, { mode: 0o600 });
  await fs.rename(draft, file);
}
