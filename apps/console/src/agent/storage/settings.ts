import * as z from 'zod';
import type { KeptWord } from '#agent-core';
import { base64, deviceRules, id, keyAlgorithm, nodeKind, WORD_ORIGINS } from '#protocol';
import { type BrowserRules, SAFE_BROWSER_RULES } from '../contract.js';
import type { AgentDatabase } from './database.js';

const membership = z.strictObject({
  node_id: id,
  /** Pinned at enrolment: it signs every lease. */
  heap_public_key: base64,
  socket_path: z.string().startsWith('/'),
  name: z.string(),
  kind: nodeKind,
  kind_by_owner: z.boolean(),
  speed_fuel_per_ms: z.number().positive(),
  meter_id: z.string(),
});
export type Membership = z.output<typeof membership>;

const share = z.number().min(0).max(1);
export const browserRules = z.strictObject({
  charging: z.boolean(),
  battery_min: share.nullable(),
  unmetered: z.boolean(),
  background: z.boolean(),
  cores: share,
  wake_lock: z.boolean(),
  trust_unknown: z.boolean(),
  storage_bytes: z.number().int().min(0).max(1_000_000_000_000).default(0),
}) satisfies z.ZodType<BrowserRules>;

const versioned = { version: z.number().int().min(1), origin: z.enum(WORD_ORIGINS) };
/** `for_ms` bounds it as well: a clock that was set back must not hold a device for a year. */
const hold = z.strictObject({ ...versioned, held: z.boolean(), until_ms: z.number().nullable(), for_ms: z.number().nullable() });
const rules = z.strictObject({ ...versioned, since_ms: z.number(), rules: deviceRules });
const word = z.strictObject({ rules: rules.nullable(), hold: hold.nullable() }) satisfies z.ZodType<KeptWord>;
/** As pages kept a hold before words had versions. */
const bareHold = z.strictObject({ until_ms: z.number().nullable(), for_ms: z.number().nullable() });

const usage = z.strictObject({ data_bytes: z.number().min(0), battery_used: z.number().min(0) });
export type Usage = z.output<typeof usage>;

const keyPair = z.strictObject({
  algorithm: keyAlgorithm,
  private_key: z.instanceof(globalThis.CryptoKey ?? Object),
  public_key: base64,
});
/** The private half cannot be read, not even by this page: the browser keeps it and signs with it. */
export type KeptKey = { algorithm: 'ed25519' | 'p256'; private_key: CryptoKey; public_key: string };

/** The few things that outlive a page. What is damaged counts as not there. */
export class Settings {
  constructor(private readonly database: AgentDatabase) {}

  membership = (): Promise<Membership | null> => this.read('membership', membership);
  rules = async (): Promise<BrowserRules> => (await this.read('rules', browserRules)) ?? SAFE_BROWSER_RULES;
  usage = async (): Promise<Usage> => (await this.read('usage', usage)) ?? { data_bytes: 0, battery_used: 0 };
  key = (): Promise<KeptKey | null> => this.read('device-key', keyPair) as Promise<KeptKey | null>;

  keepMembership = (value: Membership): Promise<void> => this.database.put('settings', 'membership', value);
  keepRules = (value: BrowserRules): Promise<void> => this.database.put('settings', 'rules', value);
  keepWord = (value: KeptWord): Promise<void> => this.database.put('settings', 'word', value);
  keepUsage = (value: Usage): Promise<void> => this.database.put('settings', 'usage', value);
  keepKey = (value: KeptKey | null): Promise<void> => this.database.put('settings', 'device-key', value);

  async word(): Promise<KeptWord> {
    const kept = await this.read('word', word);
    if (kept) return kept;
    const held = await this.read('hold', bareHold);
    return { rules: null, hold: held && { ...held, held: true, version: 1, origin: 'device' } };
  }

  private async read<T>(key: string, shape: z.ZodType<T>): Promise<T | null> {
    const parsed = shape.safeParse(await this.database.get('settings', key));
    return parsed.success ? parsed.data : null;
  }
}
