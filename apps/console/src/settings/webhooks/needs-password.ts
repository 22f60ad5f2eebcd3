import { HeapError } from '#units';

/** The heap asks for a proof that it is the person themselves. */
export const needsPassword = (error: unknown): boolean => error instanceof HeapError && error.code.startsWith('step_up');
