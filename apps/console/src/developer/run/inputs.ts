import { RUN } from '../../text/run.en.js';

/** How the inputs are written: a line of JSON each, or whole numbers from one to another. */
export type InputsDraft = { kind: 'lines'; text: string } | { kind: 'range'; from: number; to: number; step: number };

/** What they come to, or what is wrong and in which line. */
export type ReadInputs = { values: readonly unknown[]; fault: null } | { values: null; fault: string };

/** A page holds their results in memory; the SDK and the command take inputs without end. */
export const INPUTS_MAX = 10_000;

export function readInputs(draft: InputsDraft): ReadInputs {
  return draft.kind === 'lines' ? readLines(draft.text) : readRange(draft);
}

function readLines(text: string): ReadInputs {
  const values: unknown[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      values.push(JSON.parse(line));
    } catch {
      return { values: null, fault: RUN.inputs.not_json(at + 1, line.trim().slice(0, 40)) };
    }
  }
  return counted(values);
}

function readRange({ from, to, step }: Extract<InputsDraft, { kind: 'range' }>): ReadInputs {
  if (![from, to, step].every(Number.isSafeInteger)) return { values: null, fault: RUN.inputs.not_whole };
  if (step === 0 || Math.sign(to - from) === -Math.sign(step)) return { values: null, fault: RUN.inputs.never_there };
  const count = Math.floor((to - from) / step) + 1;
  if (count > INPUTS_MAX) return { values: null, fault: RUN.inputs.too_many(count, INPUTS_MAX) };
  return counted(Array.from({ length: count }, (_, i) => from + i * step));
}

function counted(values: readonly unknown[]): ReadInputs {
  if (values.length === 0) return { values: null, fault: RUN.inputs.none };
  if (values.length > INPUTS_MAX) return { values: null, fault: RUN.inputs.too_many(values.length, INPUTS_MAX) };
  return { values, fault: null };
}
