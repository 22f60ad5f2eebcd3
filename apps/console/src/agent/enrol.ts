import { type Clock, measureSpeed, type OpenSlot } from '#agent-core';
import { enrolmentSigningText, isLinkCode } from '#protocol';
import { METER_ID } from '#sandbox';
import { HeapError, type NodeKind } from '#units';
import type { JoinConsent } from './contract.js';
import { deviceKey, forgetKey } from './device/device-key.js';
import type { HeapHttp } from './heap/heap-http.js';
import type { Membership, Settings } from './storage/settings.js';

export interface Applicant {
  settings: Settings;
  http: HeapHttp;
  openSlot: OpenSlot;
  clock: Clock;
  guessed_kind: NodeKind;
}

/** Fuel per millisecond of one slot, by the benchmark that all agents run; less than two seconds. */
export async function benchmark(openSlot: OpenSlot): Promise<number> {
  const slot = await openSlot('micro');
  try {
    return await measureSpeed(slot);
  } finally {
    await slot.close();
  }
}

/**
 * Makes this device a node for the code; kept before it resolves. Measured first: a device whose sandbox does not run must not use the code up.
 * @throws HeapError: what keeps it from that.
 */
export async function enrol(code: string, consent: JoinConsent, around: Applicant): Promise<Membership> {
  const speed_fuel_per_ms = await benchmark(around.openSlot);
  const kind = consent.kind ?? around.guessed_kind;
  const own = isLinkCode(code) ? await around.http.takeLink(code) : code;
  const name = consent.name ?? `Browser on a ${kind}`;
  const granted = await present(own, name, kind, around).catch(async (error: unknown) => {
    if (!(error instanceof HeapError) || error.code !== 'conflict') throw error;
    // An earlier try reached the heap and its answer never came back: that key is taken, the code is not.
    await forgetKey(around.settings);
    return present(own, name, kind, around);
  });
  const kept = { ...granted, name, kind, kind_by_owner: consent.kind !== null, speed_fuel_per_ms, meter_id: METER_ID };
  await around.settings.keepMembership(kept);
  return kept;
}

async function present(code: string, name: string, kind: NodeKind, { settings, http }: Applicant) {
  const { algorithm, public_key, sign } = await deviceKey(settings);
  const signature = await sign(enrolmentSigningText(code, public_key));
  return http.enrol({ enrolment_code: code, key_algorithm: algorithm, public_key, signature, name, kind });
}
