import { isNewer, type ResponseOf, type ROUTES, type WireBody } from '#protocol';
import type { WordRow } from './owner-words.store.js';

type RulesView = ResponseOf<typeof ROUTES.getNodeRules>;
type Reason = RulesView['status'];

const SAYS = {
  not_ruled: 'Nobody has set rules for it: it goes by what it was started with.',
  on_device: 'On the device.',
  on_its_way: 'On its way to the device.',
  waits_for_device: 'Waits for the device: it is away.',
  own_rules_only: 'The device takes no rules from the heap: it was started with --own-rules-only.',
} as const;
const reason = (code: keyof typeof SAYS): Reason => ({ code, sentence: SAYS[code] });

const heardRules = (word: WordRow) =>
  word.heard_version === null || word.heard_origin === null ? null : { version: word.heard_version, origin: word.heard_origin };
const heardHold = (word: WordRow) => ({ version: word.heard_hold_version, origin: word.heard_hold_origin });

/** The heap's rules are newer than what the device says it goes by. */
const rulesWait = (word: WordRow) => word.rules !== null && isNewer(word, heardRules(word));
const holdWaits = (word: WordRow) => isNewer({ version: word.hold_version, origin: word.hold_origin }, heardHold(word));

/** What is to be said to a device; null where it knows everything. */
export function wishFor(word: WordRow): WireBody<'wish'> | null {
  const rules = rulesWait(word) && !word.own_rules_only && word.rules ? { version: word.version, rules: word.rules } : null;
  const hold = holdWaits(word) ? { version: word.hold_version, held: word.held, remaining_ms: word.held ? word.remaining_ms : null } : null;
  return rules || hold ? { rules, hold } : null;
}

const away = (connected: boolean) => reason(connected ? 'on_its_way' : 'waits_for_device');

function rulesStatus(word: WordRow | null, connected: boolean): Reason {
  if (word === null || word.rules === null) return reason('not_ruled');
  if (!rulesWait(word)) return reason('on_device');
  return word.own_rules_only ? reason('own_rules_only') : away(connected);
}

/** As its owner sees it. @param word null where nothing was ever said. */
export const wordView = (node_id: string, word: WordRow | null, connected: boolean): RulesView => ({
  node_id,
  set: word?.rules ? { version: word.version, origin: word.origin, rules: word.rules, set_at: word.set_at?.toISOString() ?? null } : null,
  in_force:
    word?.heard_rules && word.heard_origin && word.heard_since && word.heard_version !== null
      ? { version: word.heard_version, origin: word.heard_origin, rules: word.heard_rules, since: word.heard_since.toISOString() }
      : null,
  own_rules_only: word?.own_rules_only ?? false,
  status: rulesStatus(word, connected),
  hold: {
    held: word?.held ?? false,
    until: word?.held ? (word.held_until?.toISOString() ?? null) : null,
    origin: word?.hold_origin ?? 'device',
    status: word && holdWaits(word) ? away(connected) : reason('on_device'),
  },
});
