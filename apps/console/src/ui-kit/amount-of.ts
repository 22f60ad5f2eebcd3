import { parseMajor } from '#units';
import { SHELL } from '../text/shell.en.js';

/** An amount as typed; nothing typed is null, and no fault. */
export function amountOf(text: string): { micro: bigint | null; fault: string | null } {
  if (text.trim() === '') return { micro: null, fault: null };
  try {
    const micro = parseMajor(text);
    return micro > 0n ? { micro, fault: null } : { micro: null, fault: SHELL.bad_amount };
  } catch {
    return { micro: null, fault: SHELL.bad_amount };
  }
}
