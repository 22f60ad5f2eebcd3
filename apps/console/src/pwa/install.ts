import { useSyncExternalStore } from 'react';

/** What Chromium hands a page that may be installed; other browsers have it in their own menu. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

let offered: InstallPrompt | null = null;
const listeners = new Set<() => void>();

function set(prompt: InstallPrompt | null): void {
  offered = prompt;
  for (const changed of listeners) changed();
}

/** To be called before the browser offers it, which it does once. */
export function watchInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    set(event as InstallPrompt);
  });
  addEventListener('appinstalled', () => set(null));
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

export const useInstallable = (): boolean => useSyncExternalStore(subscribe, () => offered !== null);

/** Asks the owner, once: what was offered is used up. */
export async function install(): Promise<void> {
  const prompt = offered;
  set(null);
  await prompt?.prompt();
}
