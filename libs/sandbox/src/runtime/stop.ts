/** Thrown through WebAssembly frames to end a run; instrumented code cannot catch it, because exceptions are refused. */
export class Stop extends Error {
  exit_code = 0;

  constructor(readonly reason: 'exit' | 'out-of-fuel' | 'output-limit' | 'host-calls' | 'host-oom') {
    super(reason);
  }
}

const EXIT = new Stop('exit');

/** One object serves all, for a stack trace nobody reads costs more than the call. */
export function exit(code: number): never {
  EXIT.exit_code = code;
  throw EXIT;
}

export const OUT_OF_FUEL = new Stop('out-of-fuel');
export const OUTPUT_LIMIT = new Stop('output-limit');
/** More calls into the host than the order allows. */
export const HOST_CALLS = new Stop('host-calls');
/** The device has no memory for what a task may have. */
export const HOST_OOM = new Stop('host-oom');
