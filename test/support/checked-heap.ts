import { randomUUID } from 'node:crypto';
import { until } from '../chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from './broker.js';
import { FakeNode, type FakeSession, type Script } from './fake-node.js';
import { inline, placed, putModule } from './orders.js';
import { Truth } from './truth.js';

export const CHECK_PATIENCE_MS = 60_000;
const SOURCE = 'export default (input) => input;';
const TERMS = { verification: 'L1', max_price_micro: '2000000000', budget_micro: '50000000', fuel_limit: 1_000_000_000 };
/** At which nodes of such a heap offer, per price unit: each task costs something. */
const PRICE = 1_000_000_000n;

export interface CheckedNode {
  node: FakeNode;
  session: FakeSession;
  owner: TestPerson;
}

interface Standing {
  confirmed: number;
  checked: number;
}
/** Enough for any level to let it check others, and to be past its probation. */
const TRUSTED: Standing = { confirmed: 200, checked: 200 };

export const textInputs = (n: number) => Array.from({ length: n }, (_, i) => inline(`input ${i}`));

/** A broker whose results are checked, a developer with money and a module that answers its input, and scripted nodes that know what is right. */
export class CheckedHeap {
  private readonly open: FakeSession[] = [];
  private readonly jobs: string[] = [];
  private readonly truths = new Map<string, Promise<Truth>>();

  private constructor(
    readonly broker: TestBroker,
    readonly developer: TestPerson,
    readonly module_hash: string,
    private readonly truth: Truth,
  ) {}

  static async start(env: Record<string, string>): Promise<CheckedHeap> {
    const broker = await startBroker(env);
    const developer = await broker.person({ funds_micro: 1_000_000_000n });
    const { body } = await putModule(broker, developer, 'javascript', SOURCE);
    return new CheckedHeap(broker, developer, body.hash, await Truth.of(SOURCE));
  }

  /** The script of a node that does what it is told. */
  readonly honest: Script = (task) => this.truth.result(task);

  /** What a task comes to on any device. */
  right(task: Parameters<Truth['result']>[0]): ReturnType<Truth['result']> {
    return this.truth.result(task);
  }

  /** The same of another handler; it ends with the heap. */
  async rightOf(source: string): Promise<Truth> {
    const known = this.truths.get(source) ?? Truth.of(source);
    this.truths.set(source, known);
    return known;
  }

  async nodeOnline(script: Script, slots = 1): Promise<CheckedNode> {
    const owner = await this.broker.person();
    const node = await FakeNode.enrol(this.broker, owner);
    const session = await node.online({ script, slots, price_micro: PRICE });
    this.open.push(session);
    return { node, session, owner };
  }

  /** Writes down that a node has a history. */
  async known({ node, owner }: CheckedNode, { confirmed, checked } = TRUSTED): Promise<void> {
    await this.broker.sql('INSERT INTO node_standing (node_id, owner_id, confirmed, checked) VALUES ($1, $2, $3, $4)', [
      node.node_id,
      owner.person_id,
      confirmed,
      checked,
    ]);
  }

  /** @returns the job's id. */
  async place(more: Record<string, unknown> = {}, module_hash = this.module_hash): Promise<string> {
    const { id } = await placed(this.developer, module_hash, { ...TERMS, ...more });
    this.jobs.push(id);
    return id;
  }

  async results(job_id: string) {
    return (await this.developer.call('GET', `/v1/jobs/${job_id}/results?limit=1000`)).body;
  }

  /** The results of a job that is over and of which none is provisional. */
  settled(job_id: string) {
    return until(`job ${job_id} settles`, CHECK_PATIENCE_MS, async () => {
      const page = await this.results(job_id);
      return page.results.every((r: { standing: string }) => r.standing !== 'provisional') && page.job.finished_at ? page : undefined;
    });
  }

  /** Indices of a settled job's results that were proven wrong. */
  async refuted(job_id: string): Promise<number[]> {
    return (await this.settled(job_id)).results
      .filter((r: { standing: string }) => r.standing === 'refuted')
      .map((r: { index: number }) => r.index);
  }

  /** What went back of a job's results, by the proofs. */
  paidBack(job_id: string): Promise<{ index: number; amount: bigint; kind: string }[]> {
    return this.broker.sql('SELECT index, amount, kind FROM correction WHERE job_id = $1 ORDER BY index', [job_id]);
  }

  async object(job_id: string, tasks: number[]) {
    const body = { tasks, reason: 'That is not right.' };
    return (await this.developer.call('POST', `/v1/jobs/${job_id}/objections`, body, { 'idempotency-key': randomUUID() })).body;
  }

  /** Ends the jobs, so that none waits for the next test's nodes, and sends the nodes home; for `afterEach`. */
  async sendHome(): Promise<void> {
    for (const job_id of this.jobs.splice(0)) await this.developer.heap.job(job_id).cancel();
    for (const session of this.open.splice(0)) {
      if (session.socket.readyState === session.socket.OPEN) session.send('bye', { code: 'over' });
      await session.closed;
    }
  }

  async close(): Promise<void> {
    for (const truth of [this.truth, ...(await Promise.all(this.truths.values()))]) await truth.close();
    await this.broker.close();
  }
}
