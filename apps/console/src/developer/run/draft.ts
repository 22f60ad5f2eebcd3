import { useCallback, useEffect, useState } from 'react';
import { DEFAULT_LEVEL } from '#protocol';
import type { SlotClass } from '#units';
import { EXAMPLES, type Example } from './examples.js';
import type { InputsDraft } from './inputs.js';

export const LEVELS = ['L0', 'L1', 'L2', 'L3'] as const;

/** What is written on the page of a job's terms; amounts as typed. */
export interface TermsDraft {
  slot_class: SlotClass;
  slots: number;
  max_price: string;
  cap: string;
  fuel_limit: number;
  verification: (typeof LEVELS)[number];
}

/** A verifier of one's own, which is used at L0 where it is wanted; its budget as typed. */
export interface VerifierDraft {
  wanted: boolean;
  source: string;
  budget: string;
}

export interface Draft {
  /** The example that it began as. */
  example: Example['key'];
  source: string;
  inputs: InputsDraft;
  terms: TermsDraft;
  verifier: VerifierDraft;
}

export const FUEL_LIMIT = 10_000_000_000;
const TERMS: TermsDraft = { slot_class: 'micro', slots: 4, max_price: '', cap: '', fuel_limit: FUEL_LIMIT, verification: DEFAULT_LEVEL };

export const draftOf = ({ key, source, inputs, verifier, fuel_limit = FUEL_LIMIT }: Example): Draft => ({
  example: key,
  source,
  inputs,
  terms: { ...TERMS, fuel_limit },
  verifier: { wanted: false, source: verifier, budget: '' },
});

const exampleOf = (draft: Pick<Draft, 'example'>): Example | undefined => EXAMPLES.find(({ key }) => key === draft.example);

/** Whether the job still is what the example was. */
export function isExample(draft: Draft): boolean {
  const example = exampleOf(draft);
  return example !== undefined && example.source === draft.source && JSON.stringify(example.inputs) === JSON.stringify(draft.inputs);
}

/** Whether nothing would be lost by another example. */
export const isUntouched = (draft: Draft): boolean => isExample(draft) && exampleOf(draft)?.verifier === draft.verifier.source;

/** Whether a verifier goes with the job. */
export const isVerified = ({ terms, verifier }: Draft): boolean => terms.verification === 'L0' && verifier.wanted;

const FIRST_EXAMPLE = EXAMPLES[1] as Example;
const FIRST: Draft = draftOf(FIRST_EXAMPLE);

/** What was kept of an older page may lack what is new. */
function kept(key: string): Draft {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<Draft> | null;
    if (typeof found?.source !== 'string' || typeof found.inputs?.kind !== 'string') return FIRST;
    const example = exampleOf({ ...FIRST, ...found }) ?? FIRST_EXAMPLE;
    const begun = draftOf(example);
    return {
      ...begun,
      ...found,
      example: example.key,
      terms: { ...TERMS, ...found.terms },
      verifier: { ...begun.verifier, ...found.verifier },
    };
  } catch {
    return FIRST;
  }
}

/** What stands on the page, kept in this browser with every change, for each person apart. */
export function useDraft(person_id: string): readonly [Draft, (change: Partial<Draft>) => void] {
  const key = `openheaps.run.${person_id}`;
  const [draft, setDraft] = useState(() => kept(key));
  useEffect(() => {
    try {
      localStorage.setItem(key, JSON.stringify(draft));
    } catch {
      // A full or closed store keeps nothing; the page works without.
    }
  }, [key, draft]);
  const change = useCallback((part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })), []);
  return [draft, change];
}
