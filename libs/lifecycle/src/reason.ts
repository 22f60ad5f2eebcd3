/** What the API, console and CLI show of every state: a stable code and a sentence. */
export interface Reason<C extends string = string> {
  readonly code: C;
  readonly sentence: string;
}

/** Codes with the sentence of each; a sentence may need facts. */
// biome-ignore lint/suspicious/noExplicitAny: each code has facts of its own; `explain` types them by code.
export type Sentences = Readonly<Record<string, (facts: any) => string>>;

type FactsOf<F> = F extends (facts: infer X) => string ? (unknown extends X ? [] : [facts: X]) : never;

/** Builds a reason; the compiler asks for the facts that the code's sentence names. */
export function explainer<T extends Sentences>(sentences: T) {
  return <C extends keyof T & string>(code: C, ...facts: FactsOf<T[C]>): Reason<C> => ({
    code,
    sentence: sentences[code]?.((facts as readonly unknown[])[0]) ?? code,
  });
}

export function amountOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "45 s", "12 min", "3 h", "5 days": one unit is enough to know how long to wait. */
export function duration(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.ceil(seconds / 3600)} h`;
  return `${Math.ceil(seconds / 86_400)} days`;
}
