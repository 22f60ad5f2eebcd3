import { NODE_KINDS } from '#units';
import { SAFE_BROWSER_RULES } from '../contract.js';
import { ownerRules } from './rules.js';

describe("the page's rules in the words of all agents", () => {
  test('are careful by default: in front, untouched, charging, well charged, a free network, all at once', () => {
    expect(ownerRules(SAFE_BROWSER_RULES, 'phone')).toMatchObject({
      in_front: true,
      idle_ms: 5_000,
      charging: true,
      battery: { leave: 0.8, enter: expect.closeTo(0.83) },
      unmetered: true,
      must_know: ['charging', 'metered'],
      at_once: ['in_front', 'in_use', 'battery', 'charging', 'metered'],
    });
  });

  test.each(NODE_KINDS)('ask of a %s only what matters to it, and of none once its owner has answered', (kind) => {
    const { must_know } = ownerRules(SAFE_BROWSER_RULES, kind);
    expect(must_know.includes('charging')).toBe(['phone', 'netbook', 'laptop'].includes(kind));
    expect(must_know.includes('metered')).toBe(kind === 'phone');
    expect(ownerRules({ ...SAFE_BROWSER_RULES, trust_unknown: true }, kind).must_know).toEqual([]);
    expect(ownerRules({ ...SAFE_BROWSER_RULES, charging: false, unmetered: false }, kind).must_know).toEqual([]);
  });

  test('never ask for more than a full battery', () => {
    expect(ownerRules({ ...SAFE_BROWSER_RULES, battery_min: 1 }, 'phone').battery).toEqual({ leave: 1, enter: 1 });
    expect(ownerRules({ ...SAFE_BROWSER_RULES, battery_min: null }, 'phone').battery).toBeNull();
  });
});
