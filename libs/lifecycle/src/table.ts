import { HeapError } from '#units';

/** A life as data: for each state the states that may follow it. A state that nothing follows is terminal. */
export interface Lifecycle<S extends string> {
  readonly name: string;
  readonly initial: S;
  readonly next: Readonly<Record<S, readonly S[]>>;
}

export type StateOf<L> = L extends Lifecycle<infer S> ? S : never;

/** Declares a table; the compiler refuses a state that is named but has no row. */
export function lifecycle<S extends string>(
  name: string,
  initial: NoInfer<S>,
  next: Readonly<Record<S, readonly NoInfer<S>[]>>,
): Lifecycle<S> {
  return { name, initial, next };
}

export function states<S extends string>(table: Lifecycle<S>): S[] {
  return Object.keys(table.next) as S[];
}

export function isState<S extends string>(table: Lifecycle<S>, value: string): value is S {
  return Object.hasOwn(table.next, value);
}

export function can<S extends string>(table: Lifecycle<S>, from: S, to: S): boolean {
  return table.next[from].includes(to);
}

export function terminal<S extends string>(table: Lifecycle<S>, state: S): boolean {
  return table.next[state].length === 0;
}

/** The states from which `to` may be reached in one step: the list for `UPDATE … WHERE state IN (…)`. */
export function before<S extends string>(table: Lifecycle<S>, to: S): S[] {
  return states(table).filter((from) => can(table, from, to));
}

/** @throws HeapError `transition_refused`: for code that holds the state already; stores use a guarded update instead. */
export function assertCan<S extends string>(table: Lifecycle<S>, from: S, to: S): void {
  if (can(table, from, to)) return;
  const ways = table.next[from].length === 0 ? 'it is over' : `it can become ${table.next[from].join(' or ')}`;
  throw new HeapError('transition_refused', `A ${table.name} that is ${from} cannot become ${to}: ${ways}.`, 'platform', {
    lifecycle: table.name,
    from,
    to,
  });
}
