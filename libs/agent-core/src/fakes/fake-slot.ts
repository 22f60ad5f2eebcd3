import type { Admission, ModuleSource, RunLimits, RunOutcome, RunTask, SandboxSlot } from '#sandbox';
import { METER, sha256 } from './fake-bytes.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/**
 * A sandbox without a sandbox. The input is the program: `hang` runs until aborted, `stuck` ignores even that, `crash` breaks the
 * sandbox, `big:n` gives n bytes, `rate:n` burns n fuel a millisecond for 60 ms, anything else gives itself in capitals.
 */
export class FakeSlot implements SandboxSlot {
  closed = false;
  readonly loaded: string[] = [];
  readonly ran: string[] = [];
  /** Ends a task that hangs as if its process had died. */
  kill = () => {};

  constructor(private readonly loads: Promise<void> | null = null) {}

  async load(module: ModuleSource): Promise<Admission> {
    if (this.loads) await this.loads;
    const module_hash = sha256(module.bytes);
    this.loaded.push(module_hash);
    return {
      module_hash,
      metered_hash: METER.hash(module_hash),
      meter_id: METER.id,
      kind: module.kind,
      bytes: module.bytes.length,
      imports: [],
    };
  }

  async run(module_hash: string, task: RunTask, limits: RunLimits): Promise<RunOutcome> {
    const outcomes: RunOutcome[] = [];
    await this.runBatch(module_hash, [task], limits, (_, outcome) => outcomes.push(outcome));
    return outcomes[0] as RunOutcome;
  }

  async runBatch(
    module_hash: string,
    tasks: readonly RunTask[],
    _limits: RunLimits,
    onOutcome: (index: number, outcome: RunOutcome) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    if (!this.loaded.includes(module_hash)) throw new Error('not loaded');
    for (const [i, task] of tasks.entries()) {
      if (signal?.aborted) return;
      const program = text(task.input);
      this.ran.push(program);
      if (program === 'crash') throw new Error('the process died');
      if (program === 'stuck') await new Promise(() => {});
      if (program === 'hang') {
        await new Promise<void>((resolve) => {
          this.kill = resolve;
          signal?.addEventListener('abort', () => resolve());
        });
        if (signal?.aborted) return;
        onOutcome(i, { ...outcomeOf(''), verdict: 'killed', fuel_used: 0n });
        continue;
      }
      await null;
      const outcome = outcomeOf(program);
      if (signal?.aborted) return;
      onOutcome(i, outcome);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function outcomeOf(program: string): RunOutcome {
  const size = /^big:(\d+)$/.exec(program)?.[1];
  const rate = /^rate:(\d+)$/.exec(program)?.[1];
  const output = size ? new Uint8Array(Number(size)).fill(7) : Buffer.from(program.toUpperCase());
  return {
    verdict: 'ok',
    detail: null,
    exit_code: 0,
    fuel_used: rate ? BigInt(Number(rate) * 60) : BigInt(program.length),
    output,
    output_hash: sha256(output),
    logs: program.startsWith('log:') ? program.slice(4).repeat(5_000) : '',
    memory_peak_bytes: 65_536,
    wall_ms: rate ? 60 : 0.1,
  };
}
