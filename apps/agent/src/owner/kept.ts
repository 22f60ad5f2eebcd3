import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type OwnerRules, RULE_NAMES } from '#agent-core';
import { HeapError } from '#units';
import { readIfThere, writePrivate } from '../private-file.js';

const RULES_FILE = 'rules.json';
const HOLD_FILE = 'hold.json';

const share = z.number().min(0).max(1);
const span = z
  .number()
  .int()
  .min(0)
  .max(7 * 24 * 3_600_000);
const threshold = (value: z.ZodNumber) => z.strictObject({ leave: value, enter: value }).nullable();
const hours = {
  weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7),
  from_minute: z.number().int().min(0).max(1_439),
  to_minute: z.number().int().min(1).max(1_440),
};
const timeZone = z.string().max(64).refine(isTimeZone, 'there is no such time zone');

function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const ownerRules = z.strictObject({
  time_zone: timeZone,
  hours: z.array(z.strictObject(hours)).min(1).max(64).nullable(),
  in_front: z.boolean().default(false),
  idle_ms: span.nullable(),
  charging: z.boolean(),
  battery: threshold(share),
  temperature_c: threshold(z.number().min(-20).max(120)),
  cpu_temperature_c: threshold(z.number().min(-20).max(120)),
  unmetered: z.boolean(),
  others: threshold(share),
  power_price: threshold(z.number().min(0)),
  tariff: z.array(z.strictObject({ ...hours, price: z.number().min(0) })).max(64),
  dwell_ms: span,
  must_know: z.array(z.enum(RULE_NAMES)).max(RULE_NAMES.length).default([]),
  at_once: z.array(z.enum(RULE_NAMES)).max(RULE_NAMES.length),
  finish_ms: span,
}) satisfies z.ZodType<OwnerRules>;

/** @throws HeapError `invalid_rules` that names what is wrong. */
export function parseRules(value: unknown): OwnerRules {
  const parsed = ownerRules.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HeapError('invalid_rules', `The rules are not valid: ${issue?.path.join('.')}: ${issue?.message}.`, 'owner');
}

/**
 * What the owner has ruled on this device; null when nothing.
 * @throws HeapError `rules_unreadable`: to guess them would be worse than not to start.
 */
export function keptRules(dir: string): OwnerRules | null {
  const file = path.join(dir, RULES_FILE);
  const text = readIfThere(file);
  if (text === null) return null;
  try {
    return parseRules(JSON.parse(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HeapError('rules_unreadable', `${file} cannot be read (${why}). Mend it, or delete it for the safe rules.`, 'owner');
  }
}

export const keepRules = (dir: string, rules: OwnerRules): void =>
  writePrivate(path.join(dir, RULES_FILE), `${JSON.stringify(rules, null, 2)}\n`);

/** Until when the owner holds the device, ms since 1970; null is until it is released. */
export interface Hold {
  until_ms: number | null;
}

const hold = z.strictObject({ until_ms: z.number().nullable() });

/** A hold outlives the agent. One that is over or damaged is none. */
export function keptHold(dir: string, wall_ms: number): Hold | null {
  try {
    const kept = hold.parse(JSON.parse(readIfThere(path.join(dir, HOLD_FILE)) ?? 'null'));
    return kept.until_ms === null || kept.until_ms > wall_ms ? kept : null;
  } catch {
    return null;
  }
}

export function keepHold(dir: string, kept: Hold | null): void {
  const file = path.join(dir, HOLD_FILE);
  if (kept === null) fs.rmSync(file, { force: true });
  else writePrivate(file, `${JSON.stringify(kept)}\n`);
}
