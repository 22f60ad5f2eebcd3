import { type Committed, commitmentText } from '#protocol';
import { checkReveal, decideOnReplicas } from './claim.js';
import { LEVEL_RULES } from './levels.js';
import { penalise } from './penalties.js';
import { prove } from './proof.js';
import { decideOnReport } from './report.js';
import { reputation } from './reputation.js';
import { confirmed, disproved, NEWCOMER, type Standing } from './standing.js';
import { after, claim, right } from './testing/standings.js';
import { decideOnWindow } from './window.js';

const truth = claim('right', { fuel_used: 1_000n });
const honest = { node: 'honest', claim: truth };
const hash = (text: string): string => `#${text}`;

describe('what a node says of its work', () => {
  test.each<[string, ReturnType<typeof claim>, boolean]>([
    ['the truth', truth, true],
    ['more fuel than it burned', claim('right', { fuel_used: 1_001n }), false],
    ['less fuel, to be preferred', claim('right', { fuel_used: 999n }), false],
    ['an output from the cache of another job', claim('cached', { fuel_used: 1_000n }), false],
    ['an early report: an output and fuel that it made up', claim('made up', { fuel_used: 990n }), false],
    ['that the program failed, to be done sooner', claim('right', { fuel_used: 1_000n, verdict: 'trap' }), false],
    ['another exit code', claim('right', { fuel_used: 1_000n, exit_code: 1 }), false],
  ])('%s', (_, said, believed) => {
    expect(decideOnReplicas(truth, said).kind).toBe(believed ? 'agreed' : 'reference');
    const proof = prove([honest, { node: 'other', claim: said }], truth);
    expect(proof.right).toEqual(believed ? ['honest', 'other'] : ['honest']);
    expect(proof.wrong).toEqual(believed ? [] : ['other']);
  });

  test('two nodes that inflate their fuel alike have lied, and are out at once', () => {
    const inflated = claim('right', { fuel_used: 2_000n });
    expect(decideOnReplicas(inflated, inflated).kind).toBe('agreed');
    const proof = prove(
      ['one', 'two'].map((node) => ({ node, claim: inflated })),
      truth,
    );
    expect(proof).toEqual({ right: [], wrong: [], lied: ['one', 'two'] });
    expect(penalise(LEVEL_RULES.L2, after(right(900)), 'agreed_on_a_lie').penalty.kind).toBe('ban_identity');
  });

  test('who makes results up is banned before it has served its probation', () => {
    let standing: Standing = NEWCOMER;
    const kinds: string[] = [];
    for (let result = 0; kinds.at(-1) !== 'ban_device'; result++) {
      expect(result).toBeLessThan(LEVEL_RULES.L1.probation_results);
      expect(decideOnReport(LEVEL_RULES.L1, standing, 0.999).kind).toBe('reference');
      const { standing: next, penalty } = penalise(LEVEL_RULES.L1, standing, 'wrong');
      standing = next;
      kinds.push(penalty.kind);
    }
    expect(kinds).toEqual(['probation', 'probation', 'ban_device']);
  });

  test("a little more fuel on every tenth result is found by checks that do not know of it, and does not pass for a device's error", () => {
    const checks = Array.from({ length: 40 }, (_, i) => (i % 10 === 9 ? 'x' : '.'));
    const penalties: string[] = [];
    let standing: Standing = after(right(400));
    for (const one of checks) {
      if (one === 'x') penalties.push(penalise(LEVEL_RULES.L1, standing, 'wrong').penalty.kind);
      standing = one === 'x' ? disproved(standing) : confirmed(standing);
    }
    expect(penalties).toEqual(['probation', 'probation', 'probation', 'ban_device']);
  });
});

describe("another node's result", () => {
  const made: Committed = { ...truth, job_id: 'j', index: 4, epoch: 2, node_id: 'honest', nonce: 'n' };
  const commitment = hash(commitmentText(made));

  test.each<[string, Partial<Committed>]>([
    ['its commitment copied, its result replayed', { node_id: 'thief' }],
    ['its result replayed for another task', { index: 5 }],
    ['its result replayed for another job', { job_id: 'k' }],
    ['its result replayed in a later execution', { epoch: 3 }],
  ])('%s: what is revealed is not what was committed to', (_, more) => {
    expect(checkReveal(commitment, hash(commitmentText({ ...made, ...more })))?.code).toBe('commitment_broken');
  });

  test('who waits for the other to reveal has nothing to reveal against', () => {
    expect(checkReveal(null, hash(commitmentText({ ...made, node_id: 'thief' })))?.code).toBe('commitment_missing');
  });
});

describe('withholding', () => {
  test('what was never reported is neither right nor wrong: only the share that a node withholds grows', () => {
    expect(prove([honest], truth)).toEqual({ right: ['honest'], wrong: [], lied: [] });
    const conduct = { present_ms: 1, enrolled_ms: 1, results: 30, yields: 0, withheld: 90, speed_fuel_per_ms: 1 };
    expect(reputation(LEVEL_RULES.L1, after(right(30)), conduct, 0, false)).toMatchObject({ mismatches: 0, withheld_share: 0.75 });
  });

  test('a node that falls silent does not keep its results from being decided: they are closed by checks', () => {
    const silent = { later_results: 3, awaited: 0, quiet_ms: 86_400_000 };
    expect(decideOnWindow(LEVEL_RULES.L1, { ...silent, closed: false }).kind).toBe('provisional');
    expect(decideOnWindow(LEVEL_RULES.L1, { ...silent, closed: true })).toMatchObject({ kind: 'final', reason: { code: 'closed' } });
  });
});
