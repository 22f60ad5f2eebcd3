import { HeapError } from '#units';
import type { AgentView, BrowserAgent } from '../../agent/contract.js';
import { SCENES } from './scenes.js';

/** An agent that does what it is told to and computes nothing: for tests of the page alone. */
export class FakeAgent implements BrowserAgent {
  private readonly listeners = new Set<() => void>();
  /** What the page asked for, in order. */
  readonly asked: unknown[] = [];

  constructor(private view: AgentView) {}

  snapshot = () => this.view;

  subscribe(changed: () => void) {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  show(change: Partial<AgentView>) {
    this.view = { ...this.view, ...change };
    for (const changed of this.listeners) changed();
  }

  async join(code: string, consent: unknown) {
    this.asked.push(['join', code, consent]);
    if (code.startsWith('used')) throw new HeapError('enrolment_code_refused', 'This enrolment code is used.', 'owner');
    this.show(SCENES.ready);
  }

  async hold(for_ms: number | null) {
    this.asked.push(['hold', for_ms]);
    this.show({ ...SCENES.held, held_until_ms: for_ms === null ? null : Date.now() + for_ms });
    return 42;
  }

  resume() {
    this.asked.push(['resume']);
    this.show({ ...SCENES.ready, held: false });
  }

  async setRules(rules: Partial<AgentView['rules']>) {
    this.asked.push(['setRules', rules]);
    this.show({ rules: { ...this.view.rules, ...rules } });
  }

  async setKind(kind: AgentView['kind']) {
    this.asked.push(['setKind', kind]);
    this.show({ kind, kind_by_owner: true });
  }

  async leave() {
    this.asked.push(['leave']);
    this.show(SCENES.new);
    return { undelivered: 0, taken_out: true };
  }

  async stop() {
    this.asked.push(['stop']);
    this.show(SCENES.stopped);
  }
}
