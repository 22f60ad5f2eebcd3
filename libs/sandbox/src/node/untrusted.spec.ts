import { createHash } from 'node:crypto';
import { outcomeOf } from './batch.js';
import { decodeFrame, FrameReader } from './frames.js';

const SAID = {
  ...{ verdict: 'ok', detail: null, exit_code: 0, fuel_used: '12', output_bytes: 2, logs: '', memory_peak_bytes: 65_536, wall_ms: 1.5 },
  output_hash: createHash('sha256').update('hi').digest('hex'),
};
const HI = Buffer.from('hi');

describe('what a sandbox process says', () => {
  test('is read when it is what ours would say', () => {
    expect(outcomeOf(SAID, HI)).toMatchObject({ verdict: 'ok', fuel_used: 12n, output: new Uint8Array(HI) });
  });

  test.each([
    ['nothing', null],
    ['a verdict of its own', { ...SAID, verdict: 'paid' }],
    ['fuel that is no number', { ...SAID, fuel_used: 'much' }],
    ['fuel below nothing', { ...SAID, fuel_used: '-1' }],
    ['more output than there is', { ...SAID, output_bytes: 3 }],
    ['a hash that is none', { ...SAID, output_hash: 'x' }],
    ['a time that is none', { ...SAID, wall_ms: 'long' }],
  ])('is not believed: %s', (_, said) => {
    expect(outcomeOf(said, HI)).toBeNull();
  });

  test('is a frame that ends the process, not the agent, when it is too short', () => {
    const [frame] = new FrameReader(100).push(Buffer.from([2, 0, 0, 0, 1, 1]));
    expect(() => decodeFrame(frame as Buffer)).toThrow(/^a frame/);
  });
});
