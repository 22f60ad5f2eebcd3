const RETRYABLE = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
]);

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '08000',
  '08003',
  '08006',
  // The same, as Prisma says it.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
]);

const code = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

export const isRetryable = (error: unknown): boolean => RETRYABLE.has(code(error));

/** The server is gone, going or not yet there: the same call can succeed later. */
export function isUnreachable(error: unknown): boolean {
  if (UNREACHABLE.has(code(error)) || code(error) === 'unavailable') return true;
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(error.message)
  );
}

/** PostgreSQL's name for a violated constraint, or undefined. */
export function violatedConstraint(error: unknown): string | undefined {
  const { code: sqlstate, constraint } = (error ?? {}) as { code?: string; constraint?: string };
  return sqlstate?.startsWith('23') ? (constraint ?? 'unknown') : undefined;
}

const ATTEMPTS_MAX = 5;

export async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= ATTEMPTS_MAX || !isRetryable(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt));
    }
  }
}
