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

/** One answer on its way for as long as a test wants. */
export class Delay {
  private arrive: () => void = () => {};
  private letGo: () => void = () => {};
  /** The request is here and its answer made. */
  readonly arrived = new Promise<void>((resolve) => {
    this.arrive = resolve;
  });
  private readonly let_go = new Promise<void>((resolve) => {
    this.letGo = resolve;
  });

  constructor(readonly request: string) {}

  hold(): Promise<void> {
    this.arrive();
    return this.let_go;
  }

  release(): void {
    this.letGo();
  }
}

/** Faults that wait for their request, in the order in which they were planned. */
export class Faults {
  private planned: Fault[] = [];
  private readonly delays: Delay[] = [];

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

  /** Keeps back the answer to the next request that begins so: it is made at once and sent when the test says. */
  delay(request: string): Delay {
    const delay = new Delay(request);
    this.delays.push(delay);
    return delay;
  }

  /** Resolves when an answer may be sent. */
  async answerMay(method: string, path: string): Promise<void> {
    const at = this.delays.findIndex(({ request }) => `${method} ${path}`.startsWith(request));
    if (at >= 0) await this.delays.splice(at, 1)[0]?.hold();
  }

  clear(): void {
    this.planned = [];
  }
}
