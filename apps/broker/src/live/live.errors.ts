/** Why a topic is not heard. */
export interface Refusal {
  code: string;
  sentence: string;
}

export const unknownTopic = (topic: string): Refusal => ({
  code: 'unknown_topic',
  sentence: `There is no topic "${topic}": the protocol guide lists them.`,
});
export const signInFirst = (): Refusal => ({
  code: 'unauthenticated',
  sentence: 'This is heard by people who are signed in: connect with a ticket.',
});
export const notYours = (): Refusal => ({ code: 'not_found', sentence: 'There is no such thing among yours.' });
export const forAdmins = (): Refusal => ({
  code: 'forbidden',
  sentence: 'This is for the admins of the heap; your account does not have that role.',
});
export const tooManyTopics = (limit: number): Refusal => ({
  code: 'too_many_topics',
  sentence: `One socket hears ${limit} topics at most: unsubscribe from one that you do not need.`,
});
