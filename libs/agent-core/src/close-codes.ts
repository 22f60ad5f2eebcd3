import { CLOSE } from '#protocol';

export type After = 'reconnect' | 'wait-long' | 'stop';

export interface Ending {
  code: string;
  sentence: string;
  after: After;
}

const because = (reason: string) => (reason ? `: ${reason.slice(0, 200)}` : '');

/**
 * What a closed connection means for the owner, and what the agent does next.
 * @param welcomed whether the heap had let this connection in
 */
export function endingOf(close_code: number, reason: string, welcomed = true): Ending {
  switch (close_code) {
    case CLOSE.revoked:
      return {
        code: 'revoked',
        sentence: `This device was taken out of the heap${because(reason)}. Enrol it again with a new code if that was a mistake.`,
        after: 'stop',
      };
    case CLOSE.replaced:
      // An earlier handshake of this agent, which it gave up on, was let in after this one had begun.
      if (!welcomed)
        return { code: 'overtaken', sentence: 'Another connection of this device came first; reconnecting.', after: 'reconnect' };
      return {
        code: 'replaced',
        sentence:
          'Another agent with the key of this device connected, so this one stepped back. Run one agent per device; if you did not start the other, revoke the device.',
        after: 'wait-long',
      };
    case CLOSE.upgrade:
      return {
        code: 'upgrade_needed',
        sentence: `This agent is too old for the heap${because(reason)}. Update it; it tries again from time to time.`,
        after: 'wait-long',
      };
    case CLOSE.unauthenticated:
      return {
        code: 'unauthenticated',
        sentence: `The heap did not accept the key of this device${because(reason)}. Enrol it again if it was enrolled with another heap.`,
        after: 'reconnect',
      };
    case CLOSE.rate:
      return {
        code: 'too_fast',
        sentence: 'The heap closed the connection because messages came too fast; reconnecting.',
        after: 'reconnect',
      };
    case CLOSE.try_later:
      return { code: 'busy', sentence: `The heap is busy${because(reason)}; reconnecting.`, after: 'reconnect' };
    case CLOSE.gap:
      return { code: 'gap', sentence: 'A message was lost on the way; reconnecting to put it right.', after: 'reconnect' };
    case CLOSE.malformed:
    case CLOSE.too_big:
      return {
        code: 'malformed',
        sentence: `The connection was closed over a malformed frame${because(reason)}; reconnecting.`,
        after: 'reconnect',
      };
    default:
      return { code: 'disconnected', sentence: `The connection to the heap ended${because(reason)}; reconnecting.`, after: 'reconnect' };
  }
}
