import {
  backtrack,
  type Claim,
  type ConfirmedBy,
  closingChecks,
  confirmed,
  type Decision,
  decideOnAgreement,
  decideOnReport,
  decideOnWindow,
  fitness,
  isBan,
  type LevelRules,
  NEWCOMER,
  type Penalty,
  penalise,
  prove,
  type Standing,
} from '#verification';
import { type Agent, Answers, makeAgents, type RingSaid } from './agents.js';
import { seeded } from './random.js';
import { AGREED_LIE, type Outcome, RIGHT, type Scenario } from './scenario.js';

/** A node with one key; a cheater that rejoins goes on as another of these in the same place. */
interface Identity {
  readonly cluster: number;
  readonly agent: Agent;
  standing: Standing;
  banned: boolean;
  /** Its open results, oldest first, in a ring. */
  readonly window: Int32Array;
  oldest: number;
  open: number;
}

/** Nodes are tried at random; after so many without a fit one, the heap runs it itself. */
const TRIES = 12;
const PER_TASK = 6;
const NOBODY = 0;
const NODE = 1;
const REFERENCE = 2;
const BY: readonly ConfirmedBy[] = ['nobody', 'node', 'reference'];

/**
 * A heap whose results are checked by `#verification`, one task after another: every execution is reported before the next begins. First
 * executions are dealt evenly to nodes; what nobody decides any more at the end is closed as a node that has left is.
 */
export class SimulatedHeap {
  readonly #random: () => number;
  readonly #answers: Answers;
  readonly #identities: Identity[] = [];
  readonly #places: Identity[];
  readonly #value: Int32Array;
  readonly #confirmed: Uint8Array;
  /** Windows in which the task is open; final when none. */
  readonly #pending: Uint8Array;
  /** Who executed the task and what each said. */
  readonly #who: Int32Array;
  readonly #what: Int32Array;
  readonly #count: Uint8Array;
  readonly #queued: Uint8Array;
  readonly #is_final: Uint8Array;
  readonly #penalties: [Identity, Penalty][] = [];
  readonly #reruns: number[] = [];
  executions = 0;
  reference = 0;
  final = 0;
  wrong = 0;
  wrong_by_hardware = 0;
  voided = 0;
  honest_banned = 0;
  cheaters_banned = 0;
  cheats = 0;

  constructor(
    private readonly rules: LevelRules,
    private readonly scenario: Scenario,
  ) {
    const { tasks } = scenario;
    this.#random = seeded(scenario.seed);
    this.#answers = new Answers(scenario, this.#random);
    this.#value = new Int32Array(tasks);
    this.#confirmed = new Uint8Array(tasks);
    this.#pending = new Uint8Array(tasks);
    this.#who = new Int32Array(tasks * PER_TASK);
    this.#what = new Int32Array(tasks * PER_TASK);
    this.#count = new Uint8Array(tasks);
    this.#queued = new Uint8Array(tasks);
    this.#is_final = new Uint8Array(tasks);
    this.#places = makeAgents(scenario).map((agent) => this.#join(agent));
  }

  run(): Outcome {
    const { tasks, nodes, cheaters } = this.scenario;
    for (let task = 0; task < tasks; task++) {
      this.#begin(task);
      this.#settlePenalties();
    }
    this.#closeAll();
    const honest = nodes - Math.round(nodes * cheaters);
    const paid = this.wrong - this.wrong_by_hardware;
    return {
      wrong: this.wrong / this.final,
      wrong_by_hardware: this.wrong_by_hardware / this.final,
      executions: this.executions / tasks,
      reference_executions: this.reference / tasks,
      honest_banned: this.honest_banned / honest,
      cheaters_banned: this.cheaters_banned,
      voided: this.voided,
      cheats_paid: this.cheats === 0 ? 0 : paid / this.cheats,
    };
  }

  #join(agent: Agent): Identity {
    agent.reported = agent.quiet_until = 0;
    const identity: Identity = {
      cluster: this.#identities.length,
      agent,
      standing: NEWCOMER,
      banned: false,
      window: new Int32Array(this.rules.window_results + 1),
      oldest: 0,
      open: 0,
    };
    this.#identities.push(identity);
    return identity;
  }

  #begin(task: number): void {
    const first = this.#places[Math.floor(this.#random() * this.#places.length)] as Identity;
    this.#takeFirst(task, first);
    const { leaves_after } = this.scenario;
    if (leaves_after !== null && first.agent.cheats && first.agent.reported >= leaves_after && !first.banned) this.#leave(first);
  }

  #leave(identity: Identity): void {
    this.#settlePenalties();
    this.#close(identity);
    if (identity.banned) return;
    this.#release(identity);
    this.#places[this.#places.indexOf(identity)] = this.#join(identity.agent);
  }

  /** A first execution, of a new task or of one whose results are void. */
  #takeFirst(task: number, first: Identity): void {
    this.#value[task] = this.#execute(task, first);
    this.#confirmed[task] = NOBODY;
    const decision = decideOnReport(this.rules, first.standing, this.#random());
    if (decision.kind === 'replica') {
      if (this.#second(task)) this.#follow(task, decideOnAgreement(this.rules, this.#random()));
    } else this.#follow(task, decision);
  }

  #follow(task: number, decision: Decision): void {
    if (decision.kind === 'check') this.#second(task);
    else if (decision.kind === 'reference') this.#refer(task);
  }

  /** Another node runs the task. @returns whether it agrees with what stands */
  #second(task: number): boolean {
    const other = this.#pick(task);
    if (!other || (this.#count[task] as number) === PER_TASK) {
      this.#refer(task);
      return false;
    }
    if (this.#execute(task, other) !== this.#value[task]) {
      this.#refer(task);
      return false;
    }
    for (const identity of this.#standing(task)) if (identity === other || this.#confirmed[task] === NOBODY) this.#confirm(identity);
    if (this.#confirmed[task] === NOBODY) this.#confirmed[task] = NODE;
    return true;
  }

  /** The reference runner runs the task: all who did are right or wrong now. */
  #refer(task: number): void {
    this.executions++;
    this.reference++;
    const at = task * PER_TASK;
    const executions = this.#standing(task).map((node) => {
      let i = at;
      while (this.#identities[this.#who[i] as number] !== node) i++;
      return { node, claim: claimOf(this.#what[i] as number) };
    });
    const proof = prove(executions, claimOf(RIGHT));
    if (this.#confirmed[task] === NOBODY) for (const identity of proof.right) this.#confirm(identity);
    for (const identity of proof.wrong) this.#punish(identity, 'wrong');
    for (const identity of proof.lied) this.#punish(identity, 'agreed_on_a_lie');
    this.#value[task] = RIGHT;
    this.#confirmed[task] = REFERENCE;
  }

  #confirm(identity: Identity): void {
    identity.standing = confirmed(identity.standing);
  }

  #punish(identity: Identity, offence: 'wrong' | 'agreed_on_a_lie'): void {
    const { standing, penalty } = penalise(this.rules, identity.standing, offence);
    identity.standing = standing;
    identity.agent.reported = identity.agent.quiet_until = 0;
    if (isBan(penalty)) identity.banned = true;
    this.#penalties.push([identity, penalty]);
  }

  #settlePenalties(): void {
    for (;;) {
      const penalty = this.#penalties.shift();
      if (penalty) {
        this.#backtrack(...penalty);
        continue;
      }
      const task = this.#reruns.pop();
      if (task === undefined) return;
      this.#queued[task] = 0;
      this.#rerun(task);
      this.#settle(task);
    }
  }

  #backtrack(identity: Identity, penalty: Penalty): void {
    const size = identity.window.length;
    const task_at = (i: number): number => identity.window[(identity.oldest + i) % size] as number;
    let unconfirmed = 0;
    for (let i = 0; i < identity.open; i++) if (this.#confirmed[task_at(i)] === NOBODY) unconfirmed++;
    for (let i = 0; i < identity.open; i++) {
      const task = task_at(i);
      const confirmed_by = BY[this.#confirmed[task] as number] as ConfirmedBy;
      const suspect = { confirmed_by, later_results: identity.open - 1 - i, unconfirmed };
      const { kind, unpaid } = backtrack(this.rules, penalty, suspect, this.#random());
      if (kind === 'rerun' && !this.#queued[task]) {
        this.#queued[task] = 1;
        this.#reruns.push(task);
      }
      if (!unpaid) continue;
      this.voided++;
      this.#pending[task] = (this.#pending[task] as number) - 1;
      if (kind === 'keep') this.#settle(task);
    }
    if (!isBan(penalty)) return;
    identity.open = 0;
    const place = this.#places.indexOf(identity);
    if (place < 0) return;
    if (identity.agent.cheats) this.cheaters_banned++;
    else this.honest_banned++;
    if (identity.agent.cheats && this.scenario.rejoin) this.#places[place] = this.#join(identity.agent);
    else this.#places.splice(place, 1);
  }

  /** An open result whose node was proven wrong: it is compared with another execution, or replaced where nobody in good standing gave it. */
  #rerun(task: number): void {
    if (this.#confirmed[task] === REFERENCE) return;
    if (this.#standing(task).length > 0) {
      this.#second(task);
      return;
    }
    const other = this.#pick(task);
    if (other && (this.#count[task] as number) < PER_TASK - 2) this.#takeFirst(task, other);
    else this.#refer(task);
  }

  /** Those who executed the task and are not banned. */
  #standing(task: number): Identity[] {
    const found: Identity[] = [];
    const at = task * PER_TASK;
    for (let i = at; i < at + (this.#count[task] as number); i++) {
      const identity = this.#identities[this.#who[i] as number] as Identity;
      if (!identity.banned) found.push(identity);
    }
    return found;
  }

  #pick(task: number): Identity | null {
    const clusters: number[] = [];
    const at = task * PER_TASK;
    for (let i = at; i < at + (this.#count[task] as number); i++) clusters.push(this.#who[i] as number);
    for (let i = 0; i < TRIES; i++) {
      const identity = this.#places[Math.floor(this.#random() * this.#places.length)] as Identity;
      const candidate = {
        cluster: identity.cluster,
        banned: identity.banned,
        standing: identity.standing,
        trusted: false,
        cluster_executions: 0,
      };
      const { kind } = fitness(this.rules, candidate, { role: 'other', clusters, cap: Number.POSITIVE_INFINITY });
      if (kind === 'fit') return identity;
    }
    return null;
  }

  #execute(task: number, identity: Identity): number {
    const at = task * PER_TASK;
    const count = this.#count[task] as number;
    let ring: RingSaid = null;
    for (let i = at; i < at + count; i++)
      if (this.#identities[this.#who[i] as number]?.agent.in_ring) ring = this.#what[i] === AGREED_LIE ? 'lie' : 'truth';
    const { probation_results, window_results } = this.rules;
    const said = this.#answers.answer(identity.agent, count === 0, ring, probation_results, window_results);
    if (said !== RIGHT && identity.agent.cheats) this.cheats++;
    this.#who[at + count] = identity.cluster;
    this.#what[at + count] = said;
    this.#count[task] = count + 1;
    this.executions++;
    this.#report(identity, task);
    return said;
  }

  /** Puts the result into its node's window and takes out what has passed through it. */
  #report(identity: Identity, task: number): void {
    const size = identity.window.length;
    identity.window[(identity.oldest + identity.open++) % size] = task;
    this.#pending[task] = (this.#pending[task] as number) + 1;
    if (identity.open < size) return;
    const oldest = identity.window[identity.oldest] as number;
    const { kind } = decideOnWindow(this.rules, { later_results: identity.open - 1, awaited: 0, quiet_ms: 0, closed: false });
    if (kind !== 'final') return;
    identity.oldest = (identity.oldest + 1) % size;
    identity.open--;
    this.#pending[oldest] = (this.#pending[oldest] as number) - 1;
    this.#settle(oldest);
  }

  #settle(task: number): void {
    if (this.#pending[task] !== 0 || this.#queued[task] || this.#is_final[task]) return;
    this.#is_final[task] = 1;
    this.final++;
    const value = this.#value[task] as number;
    if (value === RIGHT) return;
    this.wrong++;
    const at = task * PER_TASK;
    for (let i = at; i < at + (this.#count[task] as number); i++)
      if (this.#what[i] === value && !this.#identities[this.#who[i] as number]?.agent.cheats) {
        this.wrong_by_hardware++;
        return;
      }
  }

  /** Nobody reports any more: some of what is open is checked, then all of it is final. */
  #closeAll(): void {
    const closed = new Set<Identity>();
    for (let next = this.#places; next.length > 0; next = this.#places.filter((identity) => !closed.has(identity)))
      for (const identity of [...next]) {
        closed.add(identity);
        if (!identity.banned) this.#close(identity);
      }
    for (const identity of this.#places) this.#release(identity);
  }

  /** All that is open of a node becomes final, as far as it depends on this node. */
  #release(identity: Identity): void {
    for (; identity.open > 0; identity.open--) {
      const task = identity.window[identity.oldest] as number;
      identity.oldest = (identity.oldest + 1) % identity.window.length;
      this.#pending[task] = (this.#pending[task] as number) - 1;
      this.#settle(task);
    }
  }

  #close(identity: Identity): void {
    const open: [number[], number[]] = [[], []];
    for (let i = 0; i < identity.open; i++) {
      const task = identity.window[(identity.oldest + i) % identity.window.length] as number;
      open[this.#confirmed[task] as number]?.push(task);
    }
    for (let left = closingChecks(this.rules, open[0].length + open[1].length); left > 0 && !identity.banned; left--) {
      const from = open[0].length > 0 ? open[0] : open[1];
      const at = Math.floor(this.#random() * from.length);
      this.#second(from[at] as number);
      from[at] = from.at(-1) as number;
      from.pop();
    }
    this.#settlePenalties();
  }
}

const CLAIMS = [RIGHT, AGREED_LIE].map(make);

function claimOf(value: number): Claim {
  return CLAIMS[value] ?? make(value);
}

function make(value: number): Claim {
  return { verdict: 'ok', exit_code: 0, output_hash: String(value), fuel_used: 1n };
}
