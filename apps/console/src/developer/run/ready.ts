import { useMemo } from 'react';
import { type Draft, isVerified } from './draft.js';
import { type ReadInputs, readInputs } from './inputs.js';
import { type CodeFault, type TaskCode, taskCode } from './task-code.js';
import { type TermsFaults, termsFaults } from './terms.js';

/** What the page's draft comes to, and what is still wrong with it. */
export interface Ready {
  code: TaskCode;
  inputs: ReadInputs;
  verifier_fault: CodeFault | null;
  faults: TermsFaults;
  /** All that a job needs; null while something is wrong. */
  order: { module: string; inputs: readonly unknown[]; verifier: string | null } | null;
}

export function useReady(draft: Draft): Ready {
  const verified = isVerified(draft);
  const code = useMemo(() => taskCode(draft.source), [draft.source]);
  const verifier = useMemo(() => (verified ? taskCode(draft.verifier.source) : null), [verified, draft.verifier.source]);
  const inputs = useMemo(() => readInputs(draft.inputs), [draft.inputs]);
  const faults = termsFaults(draft);
  const whole = code.fault === null && inputs.fault === null && !verifier?.fault && Object.keys(faults).length === 0;
  return {
    code,
    inputs,
    verifier_fault: verifier?.fault ?? null,
    faults,
    order: whole ? { module: code.module, inputs: inputs.values, verifier: verifier?.module ?? null } : null,
  };
}
