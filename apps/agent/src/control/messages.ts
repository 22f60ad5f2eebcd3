import { z } from 'zod';
import type { AgentStatus, KeptRules, OwnerRules, Work } from '#agent-core';

/** The longest that a timer of Node.js can wait, and a little less. */
export const PAUSE_MS_MAX = 24 * 24 * 3_600_000;

/** One line of JSON each way, one request a connection. */
export const request = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('status') }),
  z.strictObject({
    do: z.literal('pause'),
    for_ms: z.number().int().min(1).max(PAUSE_MS_MAX).nullable(),
  }),
  z.strictObject({ do: z.literal('resume') }),
  z.strictObject({ do: z.literal('rules'), rules: z.unknown() }),
]);

export type ControlRequest = z.output<typeof request>;

export interface ControlStatus extends Omit<AgentStatus, 'fuel_used' | 'owner' | 'ruled' | 'give_back_ms' | 'work'> {
  work: readonly (Omit<Work, 'fuel_used'> & { fuel_used: string })[];
  node_id: string;
  pid: number;
  rss_bytes: number;
  fuel_used: string;
  /** It was started so that rules set at the heap do not count. */
  own_rules_only: boolean;
  /** Where the rules in force were set, and since when (ms since 1970) they are; null while the owner has set none. */
  ruled_by: Pick<KeptRules, 'origin' | 'version' | 'since_ms'> | null;
  rules: OwnerRules;
  readings: AgentStatus['owner']['readings'];
  ruled: AgentStatus['owner']['verdict']['rules'];
}

export interface ControlAnswers {
  status: ControlStatus;
  pause: { give_back_ms: number; until_ms: number | null };
  resume: ControlStatus;
  rules: ControlStatus;
}

export type ControlAnswer = { ok: ControlAnswers[keyof ControlAnswers] } | { error: { code: string; message: string } };

export const LINE_BYTES_MAX = 64 * 1024;
