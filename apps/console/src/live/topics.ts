/** `news`: something changed. `missed`: it may have, during a break. `begun`: the heap tells from now on; what was asked for before may be older. */
export type Heard = 'news' | 'missed' | 'begun';
type Listener = (why: Heard) => void;

/** Whoever is told what is listened to. */
export interface Carrier {
  want(topic: string): void;
  unwant(topic: string): void;
}

/** A view that is left and another that is opened often listen to the same: it is not given up in between. */
const LINGER_MS = 2_000;

/** Who listens to which live topic. The socket subscribes what has listeners and tells of news. */
export class Topics {
  private readonly listeners = new Map<string, Set<Listener>>();
  private carrier: Carrier | undefined;

  /** @param later A timer of a browser must not be called as a method of something else. */
  constructor(private readonly later: (work: () => void, ms: number) => unknown = (work, ms) => setTimeout(work, ms)) {}

  carriedBy(carrier: Carrier): void {
    this.carrier = carrier;
    for (const topic of this.listeners.keys()) carrier.want(topic);
  }

  /** @returns ends the listening. */
  listen(topic: string, listener: Listener): () => void {
    const here = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, here.add(listener));
    this.carrier?.want(topic);
    return () => {
      here.delete(listener);
      if (here.size === 0) this.later(() => this.giveUp(topic, here), LINGER_MS);
    };
  }

  tell(topic: string, why: Heard = 'news'): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(why);
  }

  private giveUp(topic: string, here: Set<Listener>): void {
    if (here.size > 0 || this.listeners.get(topic) !== here) return;
    this.listeners.delete(topic);
    this.carrier?.unwant(topic);
  }
}

export const topics = new Topics();
