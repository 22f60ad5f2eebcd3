import type { EventBus, EventType } from './event-bus.js';

/** So many ids fit into a text that goes to the other processes. */
const PEOPLE_MAX = 100;

/** Publishes one event about many people in as few as carry their ids. */
export function tellPeople(bus: EventBus, type: EventType<{ person_ids: readonly string[] }>, people: Iterable<string>): void {
  const person_ids = [...people];
  for (let from = 0; from < person_ids.length; from += PEOPLE_MAX)
    bus.publish(type, { person_ids: person_ids.slice(from, from + PEOPLE_MAX) });
}
