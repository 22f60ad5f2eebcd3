/** What a program is for, as its developer declares it; the sentences are what an owner consents to. */
export const WORKLOAD_CLASSES = {
  general: 'ordinary computing that is none of the others',
  science: 'simulation, mathematics and research',
  media: 'pictures, sound and film',
  learning: 'training and running statistical models',
  services: 'services that stay in a slot kept for them and answer requests from outside',
  crypto: 'mining and other proofs of work for currencies',
  security: 'breaking ciphers and passwords, and testing defences',
  adult: 'content for adults only',
} as const;
export type WorkloadClass = keyof typeof WORKLOAD_CLASSES;
export const WORKLOAD_CLASS_NAMES = Object.keys(WORKLOAD_CLASSES) as [WorkloadClass, ...WorkloadClass[]];

/** The class of every standing slot. */
export const SERVICES = 'services' satisfies WorkloadClass;

/** What an owner who never said anything takes; the others need consent. */
export const WORKLOAD_CLASSES_BY_DEFAULT: readonly WorkloadClass[] = ['general', 'science', 'media', 'learning'];
