/** Error numbers of WASI preview 1 that we answer. Source: WebAssembly/WASI, legacy/preview1/docs.md. */
export const ERRNO = {
  success: 0,
  badf: 8,
  busy: 10,
  exist: 20,
  fault: 21,
  fbig: 22,
  ilseq: 25,
  inval: 28,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  notsup: 58,
  rofs: 69,
  spipe: 70,
  xdev: 75,
  notcapable: 76,
} as const;

export type ErrnoName = Exclude<keyof typeof ERRNO, 'success'>;

/** An error number on its way to the task. */
export class Fault extends Error {
  readonly errno: number;

  constructor(readonly code: ErrnoName) {
    super(code);
    this.errno = ERRNO[code];
  }
}

const names = Object.keys(ERRNO).filter((name): name is ErrnoName => name !== 'success');
/** One object each, for a stack trace nobody reads costs more than the call. */
const FAULTS = Object.fromEntries(names.map((name) => [name, new Fault(name)])) as Record<ErrnoName, Fault>;

export function fault(code: ErrnoName): never {
  throw FAULTS[code];
}
