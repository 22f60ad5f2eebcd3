import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { BodyOf, JobView, Payload, ROUTES, TaskOutcome } from '#protocol';
import { viewClassOf } from '#units';

const TASK_CHARGE_MICRO = 3n;
const NODE_ID = randomUUID();
const LEASE_ID = randomUUID();

/** What a task of the fake heap ends with; without `output` the task failed. */
export interface FakeRun {
  output?: Uint8Array;
  verdict?: TaskOutcome['verdict'];
  exit_code?: number | null;
  detail?: string;
  logs?: string;
}
export type FakeProgram = (input: Uint8Array, args: readonly string[]) => FakeRun | Promise<FakeRun>;

/** Runs a JSON handler as the module says, in this process: specs send harmless code. */
export function javascriptProgram(source: string): FakeProgram {
  const handler = new Function(`let handler; ${source.replace('export default', 'handler =')}; return handler;`)();
  return async (input) => {
    try {
      const value = await handler(JSON.parse(new TextDecoder().decode(input)));
      return { output: new TextEncoder().encode(JSON.stringify(value ?? null)) };
    } catch (error) {
      return { verdict: 'trap', detail: String(error) };
    }
  };
}

/** A job of the fake heap: settles its tasks one after the other. */
export class FakeJob extends EventEmitter {
  readonly id = randomUUID();
  readonly inputs: Payload[];
  readonly outcomes: TaskOutcome[] = [];
  readonly created_at = new Date().toISOString();
  state: JobView['state'] = 'QUEUED';
  open: boolean;
  finished_at: string | null = null;
  #running = false;

  constructor(
    readonly order: BodyOf<typeof ROUTES.placeJob>,
    private readonly program: FakeProgram,
    private readonly blobs: Map<string, Uint8Array>,
    private readonly settle_ms: number,
  ) {
    super();
    this.setMaxListeners(0);
    this.inputs = [...order.inputs];
    this.open = order.open;
    void this.pump();
  }

  get charged_micro(): bigint {
    return TASK_CHARGE_MICRO * BigInt(this.outcomes.length);
  }

  end(state: 'DONE' | 'CANCELLED' | 'STOPPED'): void {
    if (this.finished_at) return;
    this.state = state;
    this.open = false;
    this.finished_at = new Date().toISOString();
    this.emit('change');
  }

  async pump(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    // Placing a job answers before its first task settles.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.finished_at && this.outcomes.length < this.inputs.length) {
      this.state = 'RUNNING';
      if (this.settle_ms) await new Promise((resolve) => setTimeout(resolve, this.settle_ms));
      if (this.charged_micro + TASK_CHARGE_MICRO > this.order.budget_micro) this.end('STOPPED');
      const index = this.outcomes.length;
      const outcome = await this.#run(index);
      if (this.finished_at) break;
      this.outcomes.push(outcome);
      this.emit('change');
    }
    this.#running = false;
    if (!this.open && this.outcomes.length === this.inputs.length) this.end('DONE');
  }

  async #run(index: number): Promise<TaskOutcome> {
    const payload = this.inputs[index] as Payload;
    const input = 'inline' in payload ? Buffer.from(payload.inline, 'base64') : this.blobs.get(payload.hash);
    if (!input) throw new Error(`the input of task ${index} was never put`);
    const run = await this.program(input, this.order.args);
    const output = run.output ?? new Uint8Array();
    const output_hash = createHash('sha256').update(output).digest('hex');
    const large = output.length > 32 * 1024;
    if (large) this.blobs.set(output_hash, output);
    const verdict = run.verdict ?? 'ok';
    return {
      seq: index + 1,
      index,
      state: verdict === 'ok' ? 'DONE' : 'FAILED',
      verdict,
      detail: run.detail ?? null,
      exit_code: run.exit_code ?? (verdict === 'ok' ? 0 : null),
      fuel_used: 1_000_000,
      charge_micro: String(TASK_CHARGE_MICRO),
      energy_joules_estimate: 0.012,
      node_id: NODE_ID,
      lease_id: LEASE_ID,
      output: large ? { hash: output_hash, bytes: output.length } : { inline: Buffer.from(output).toString('base64') },
      output_hash,
      logs: run.logs ?? '',
      standing: 'unchecked',
      verified: null,
      right: null,
    };
  }

  view(): JobView {
    const failed = this.outcomes.filter((o) => o.state === 'FAILED').length;
    const left = this.inputs.length - this.outcomes.length;
    const [code, sentence] = {
      QUEUED: ['next_round', 'Waits for the next round.'],
      RUNNING: ['running', 'Runs on 1 leased slot.'],
      DONE: ['all_tasks_done', 'All tasks are done.'],
      CANCELLED: ['cancelled_by_developer', 'Cancelled by its developer.'],
      STOPPED: ['budget_exhausted', 'The budget is used up; nothing more is charged.'],
    }[this.state] as [string, string];
    return {
      id: this.id,
      name: this.order.name,
      state: this.state,
      reason: { code, sentence },
      module_hash: this.order.module_hash,
      codec: this.order.codec,
      slot_class: this.order.slot_class,
      slots: this.order.slots,
      order: {
        workload_class: 'general',
        constraints: {},
        preferences: [],
        spread: null,
        min_slots: 1,
        deadline: null,
        verification: 'L0',
        disconnect_wait_ms: null,
        on_disconnect: 'wait',
        priority: 0,
        interruptible: true,
        preemption_notice_ms: 0,
      },
      view: { ...this.order.view, args: this.order.args },
      view_class: viewClassOf(this.order.view),
      may: [],
      max_price_micro: String(this.order.max_price_micro),
      budget_micro: String(this.order.budget_micro),
      charged_micro: String(this.charged_micro),
      held_micro: this.finished_at ? '0' : String(this.order.budget_micro - this.charged_micro),
      energy_joules_estimate: 0.012 * this.outcomes.length,
      open: this.open,
      tasks: {
        total: this.inputs.length,
        queued: this.finished_at ? 0 : left,
        leased: 0,
        done: this.outcomes.length - failed,
        failed,
        cancelled: this.finished_at ? left : 0,
      },
      retry_of: null,
      created_at: this.created_at,
      finished_at: this.finished_at,
    };
  }

  receipt() {
    return {
      job_id: this.id,
      currency: 'USD',
      simulated: true,
      budget_micro: String(this.order.budget_micro),
      charged_micro: String(this.charged_micro),
      returned_micro: String(this.order.budget_micro - this.charged_micro),
      fee_micro: '0',
      fuel_charged: String(1_000_000 * this.outcomes.length),
      tasks_charged: this.outcomes.length,
      energy_joules_estimate: 0.012 * this.outcomes.length,
      lines: [
        {
          lease_id: LEASE_ID,
          node_id: NODE_ID,
          round_id: LEASE_ID,
          price_micro: '3000',
          tasks: this.outcomes.length,
          fuel: String(1_000_000 * this.outcomes.length),
          charge_micro: String(this.charged_micro),
          energy_joules_estimate: 0.012 * this.outcomes.length,
        },
      ],
    };
  }
}
