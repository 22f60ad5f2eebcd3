import { LIVE_LIMITS } from '#protocol';
import type { Listener } from './listener.js';

/** All listeners of this process that have said who they are. */
export class Crowd {
  private readonly all = new Set<Listener>();
  private readonly people = new Map<string, Set<Listener>>();

  [Symbol.iterator](): IterableIterator<Listener> {
    return this.all.values();
  }

  /** @returns false for somebody who has too many sockets here. */
  admit(listener: Listener): boolean {
    const person_id = listener.person?.person_id;
    if (person_id !== undefined) {
      const others = this.people.get(person_id) ?? new Set();
      if (others.size >= LIVE_LIMITS.sockets_of_person) return false;
      this.people.set(person_id, others.add(listener));
    }
    this.all.add(listener);
    return true;
  }

  remove(listener: Listener): void {
    this.all.delete(listener);
    const person_id = listener.person?.person_id;
    if (person_id === undefined) return;
    const others = this.people.get(person_id);
    others?.delete(listener);
    if (others?.size === 0) this.people.delete(person_id);
  }

  of(person_id: string): readonly Listener[] {
    return [...(this.people.get(person_id) ?? [])];
  }

  signedIn(): readonly Listener[] {
    return [...this.people.values()].flatMap((listeners) => [...listeners]);
  }
}
