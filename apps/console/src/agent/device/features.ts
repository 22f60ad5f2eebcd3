import type { AgentReason } from '../contract.js';

/** What the agent cannot do without, each with what to do about it; null when all is there. */
export function missingFeature(page: Window & typeof globalThis): AgentReason | null {
  if (!page.isSecureContext)
    return {
      code: 'insecure_page',
      sentence: 'This page came over plain http, and browsers keep no device key for such pages: open it by its https address.',
    };
  const needs: readonly [boolean, string][] = [
    [typeof page.WebAssembly === 'object', 'WebAssembly'],
    [typeof page.Worker === 'function', 'workers'],
    [typeof page.indexedDB === 'object' && page.indexedDB !== null, 'storage for pages (IndexedDB)'],
    [typeof page.crypto?.subtle === 'object', 'cryptography for pages (WebCrypto)'],
    [typeof page.navigator.locks === 'object', 'locks between tabs (Web Locks)'],
    [typeof page.AbortSignal.timeout === 'function', 'AbortSignal.timeout'],
  ];
  const missing = needs.filter(([there]) => !there).map(([, name]) => name);
  if (missing.length === 0) return null;
  return { code: 'browser_lacks', sentence: `This browser has no ${missing.join(', no ')}: update it, or use another on this device.` };
}
