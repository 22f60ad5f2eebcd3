import { decodeFrame } from './envelope.js';
import { FROM_NODE } from './messages.js';

const reason = { code: 'ready', sentence: 'Ready.' };
const slot = { slot_class: 'micro', count: 1, reserve_price_micro: null };
const offer = (slots: unknown[]) => JSON.stringify({ v: 1, t: 'offer', s: 1, b: { slots, speed_fuel_per_ms: 1, available: true, reason } });
const refused = (text: string): string => {
  try {
    decodeFrame(text, FROM_NODE);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('a frame', () => {
  test('is one message or several', () => {
    expect(decodeFrame(offer([slot]), FROM_NODE)).toMatchObject([{ t: 'offer', s: 1 }]);
    const hb = JSON.stringify({ v: 1, t: 'hb', b: { running: 0 } });
    expect(decodeFrame(`[${hb},${hb}]`, FROM_NODE)).toHaveLength(2);
  });

  test.each([
    ['what is not JSON', '{', 'not JSON'],
    ['an empty list', '[]', 'no message'],
    ['a type that nodes do not send', '{"v":1,"t":"welcome","b":{}}', 'not known here'],
    ['another version', '{"v":2,"t":"hb","b":{"running":0}}', 'not an envelope'],
    ['a reliable message without a number', offer([slot]).replace('"s":1,', ''), 'needs a sequence number'],
    ['a number where none belongs', '{"v":1,"t":"hb","s":1,"b":{"running":0}}', 'carries no sequence number'],
    ['depth', `${'['.repeat(17)}${']'.repeat(17)}`, 'nests deeper'],
    ['a slot class offered twice', offer([slot, slot]), 'offered once'],
  ])('with %s is refused with a sentence', (_, text, sentence) => {
    expect(refused(text)).toContain(sentence);
  });
});
