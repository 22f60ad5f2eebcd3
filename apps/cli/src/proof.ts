import { HeapError } from '#units';
import type { Context } from './context.js';
import { secret } from './secret.js';

/** What decides where money or notices go takes the password again, of those who have one: the heap says so, and it is asked for then. */
export async function withProof<T>(context: Context, ask: (proof: { password?: string }) => Promise<T>): Promise<T> {
  try {
    return await ask({});
  } catch (error) {
    if (!(error instanceof HeapError) || error.code !== 'step_up.forbidden') throw error;
    return ask({ password: await secret(context.terminal, 'Password') });
  }
}
