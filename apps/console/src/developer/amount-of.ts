import { parseMajor } from '#units';
import { RUN } from '../text/run.en.js';

/** An amount as typed; nothing typed is null, and no fault. */
export function amountOf(text: string): { micro: bigint | null; fault: string | null } {
  if (text.trim() === '') return { micro: null, fault: null };
  try {
    const micro = parseMajor(text);
    return micro > 0n ? { micro, fault: null } : { micro: null, fault: RUN.terms.bad_amount };
  } catch {
    return { micro: null, fault: RUN.terms.bad_amount };
  }
}
