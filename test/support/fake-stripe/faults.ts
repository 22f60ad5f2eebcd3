/**
 * What can go wrong with one request. `before` and `after` say on which side of the effect: a lost answer does not undo what was
 * done. A 500 is remembered under its key and replayed for ever, as Stripe does; a broken connection and a 429 are not.
 */
export type FaultKind =
  | 'error_before'
  | 'error_after'
  | 'broken_before'
  | 'broken_after'
  | 'silent_before'
  | 'silent_after'
  | 'rate_limited'
  | 'unavailable';

interface Fault {
  readonly request: string;
  readonly kind: FaultKind;
  left: number;
}

/** Faults that wait for their request, in the order in which they were planned. */
export class Faults {
  private planned: Fault[] = [];

  /** `request` begins with a verb and a path: "POST /v1/transfers" hits that path and those below it. */
  plan(request: string, kind: FaultKind, times = 1): void {
    this.planned.push({ request, kind, left: times });
  }

  take(method: string, path: string): FaultKind | undefined {
    const hit = this.planned.find(({ request, left }) => left > 0 && `${method} ${path}`.startsWith(request));
    if (!hit) return undefined;
    hit.left -= 1;
    return hit.kind;
  }

  clear(): void {
    this.planned = [];
  }
}
