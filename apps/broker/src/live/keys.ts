import type { LiveTopicName } from '#protocol';

/** By which a topic is known inside: what belongs to a person carries their id, what has an id of its own is one whoever hears it. */
export const ofPerson = (name: LiveTopicName, person_id: string): string => `${name} ${person_id}`;
export const ofSubject = (name: LiveTopicName, subject: string): string => `${name}:${subject}`;
