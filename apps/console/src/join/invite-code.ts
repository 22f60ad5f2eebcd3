import { codeIn } from './code-in.js';

const KEY = 'heap.invite';

/**
 * The code of the link that led here. It is taken out of the address, where it would be copied along, and kept for this tab until it is used:
 * a reload must not lose it.
 */
export function takeInvite(): string | null {
  const code = codeIn(location.hash);
  if (code === null) return sessionStorage.getItem(KEY);
  history.replaceState(null, '', location.pathname + location.search);
  sessionStorage.setItem(KEY, code);
  return code;
}

export const forgetInvite = (): void => sessionStorage.removeItem(KEY);
