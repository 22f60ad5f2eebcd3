import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { KeptHold, KeptRules, KeptWord, OwnerRules, WordBook } from '#agent-core';
import { deviceRules, WORD_ORIGINS } from '#protocol';
import { HeapError } from '#units';
import { readIfThere, writePrivate } from '../private-file.js';

const RULES_FILE = 'rules.json';
const HOLD_FILE = 'hold.json';

const word = { version: z.number().int().min(1), origin: z.enum(WORD_ORIGINS) };

/** @throws HeapError `invalid_rules` that names what is wrong. */
export function parseRules(value: unknown): OwnerRules {
  const parsed = deviceRules.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HeapError('invalid_rules', `The rules are not valid: ${issue?.path.join('.')}: ${issue?.message}.`, 'owner');
}

const ruled = z.strictObject({ ...word, since_ms: z.number(), rules: z.unknown() });

/** As it is kept, or nothing but the rules: so agents kept them before rules had versions, and so may an owner write them. */
function parseKept(value: unknown): KeptRules {
  const kept = ruled.safeParse(value);
  if (kept.success) return { ...kept.data, rules: parseRules(kept.data.rules) };
  return { version: 1, origin: 'device', since_ms: Date.now(), rules: parseRules(value) };
}

/**
 * What the owner has ruled for this device; null when nothing.
 * @throws HeapError `rules_unreadable`: to guess them would be worse than not to start.
 */
export function keptRules(dir: string): KeptRules | null {
  const file = path.join(dir, RULES_FILE);
  const text = readIfThere(file);
  if (text === null) return null;
  try {
    return parseKept(JSON.parse(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HeapError('rules_unreadable', `${file} cannot be read (${why}). Mend it, or delete it for the safe rules.`, 'owner');
  }
}

const write = (dir: string, file: string, kept: unknown) => writePrivate(path.join(dir, file), `${JSON.stringify(kept, null, 2)}\n`);

/** Rules set here while no agent runs: the next one starts with them, and they are news to the heap. */
export function keepRules(dir: string, rules: OwnerRules): void {
  const version = (keptRules(dir)?.version ?? 0) + 1;
  write(dir, RULES_FILE, { version, origin: 'device', since_ms: Date.now(), rules } satisfies KeptRules);
}

const hold = z.strictObject({
  version: word.version.default(1),
  origin: word.origin.default('device'),
  held: z.boolean().default(true),
  until_ms: z.number().nullable(),
  for_ms: z.number().nullable().default(null),
});

/** One that is damaged is none. */
function keptHold(dir: string): KeptHold | null {
  try {
    return hold.parse(JSON.parse(readIfThere(path.join(dir, HOLD_FILE)) ?? 'null'));
  } catch {
    return null;
  }
}

/** The owner's word in the agent's folder, so that it outlives the agent. */
export function wordBook(dir: string): WordBook {
  let kept: KeptWord = { rules: keptRules(dir), hold: keptHold(dir) };
  return {
    kept,
    keep(said) {
      if (said.rules !== kept.rules) write(dir, RULES_FILE, said.rules);
      if (said.hold === null) fs.rmSync(path.join(dir, HOLD_FILE), { force: true });
      else if (said.hold !== kept.hold) write(dir, HOLD_FILE, said.hold);
      kept = said;
    },
  };
}
