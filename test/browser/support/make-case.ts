import type { ModuleKind } from '#sandbox';
import { LIMITS as HOSTILE_LIMITS } from '../../../libs/sandbox/src/node/testing/support.js';
import type { Case, CaseRun } from './cases.js';

export const asText = (limits: Omit<CaseRun['limits'], 'fuel'> & { fuel: bigint }): CaseRun['limits'] => ({
  ...limits,
  fuel: String(limits.fuel),
});

/** The limits of the hostile cases. */
export const LIMITS = asText(HOSTILE_LIMITS);

/** A case of one run; JavaScript takes and gives JSON. */
export function caseOf(name: string, kind: ModuleKind, module: Uint8Array | string, run: Partial<CaseRun> = {}): Case {
  const javascript = kind === 'javascript';
  const runs = [{ input: javascript ? 'null' : '', args: [], seed: '', limits: LIMITS, ...run }];
  return { name, kind, codec: javascript ? 'json' : 'bytes', bytes_base64: Buffer.from(module).toString('base64'), runs };
}
