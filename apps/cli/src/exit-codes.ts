import { HeapError } from '#units';

/** What the command ends with; `heap run` ends with the program's own exit code when the program ran. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  unauthenticated: 4,
  funds: 5,
  interrupted: 130,
} as const;

export const EXIT_HELP = `
Exit codes: 0 ok, 1 a task or the heap failed, 2 wrong usage or input, 3 the heap is not reachable, 4 the API key is
missing or refused, 5 not enough money or budget, 130 interrupted. \`heap run\` ends with the program's own exit code.`;

const BY_CODE: Readonly<Record<string, number>> = {
  interrupted: EXIT.interrupted,
  output_closed: EXIT.interrupted,
  unreachable: EXIT.unreachable,
  unavailable: EXIT.unreachable,
  timeout: EXIT.unreachable,
  no_heap: EXIT.unreachable,
  no_api_key: EXIT.unauthenticated,
  insufficient_funds: EXIT.funds,
  budget_exhausted: EXIT.funds,
  task_failed: EXIT.failed,
  declined: EXIT.failed,
};
const BY_STATUS: Readonly<Record<number, number>> = {
  401: EXIT.unauthenticated,
  402: EXIT.funds,
  403: EXIT.unauthenticated,
  502: EXIT.unreachable,
  503: EXIT.unreachable,
  504: EXIT.unreachable,
};

/** Every error has one exit code: by its own code, then by the HTTP status, then by who can mend it. */
export function exitCodeOf(error: HeapError): number {
  const known = BY_CODE[error.code] ?? BY_STATUS[Number(error.details.status)];
  if (known !== undefined) return known;
  return error.fault === 'user' || error.fault === 'developer' ? EXIT.usage : EXIT.failed;
}
