import { useCallback, useEffect, useRef, useState } from 'react';
import { type Invitation, invitation, ownedNodes, sentenceOf } from '../http/api.js';

/** How often it is looked whether a device has joined. */
const LOOK_EVERY_MS = 3_000;

interface Shown {
  invitation: Invitation | null;
  /** ms since 1970 by the clock of this device: only how long the code lasts is the heap's. */
  until_ms: number;
  /** The name of the device that joined last. */
  joined: string | null;
  problem: string | null;
  again(): void;
}

/** A code, and another as soon as it is used or over, as long as the page is seen. */
export function useInvitation(lasts_ms: number): Shown {
  const [shown, setShown] = useState<Omit<Shown, 'again'>>({ invitation: null, until_ms: 0, joined: null, problem: null });
  const known = useRef<ReadonlySet<string> | null>(null);
  const making = useRef(false);

  const make = useCallback(
    async (joined: string | null) => {
      if (making.current) return;
      making.current = true;
      try {
        const made = await invitation();
        setShown({ invitation: made, until_ms: Date.now() + lasts_ms, joined, problem: null });
      } catch (error) {
        setShown({ invitation: null, until_ms: 0, joined, problem: sentenceOf(error) });
      } finally {
        making.current = false;
      }
    },
    [lasts_ms],
  );

  useEffect(() => {
    const look = async () => {
      if (document.hidden) return;
      const nodes = await ownedNodes().catch(() => null);
      if (nodes === null) return;
      const fresh = known.current && nodes.find(({ id }) => !known.current?.has(id));
      known.current = new Set(nodes.map(({ id }) => id));
      if (fresh) await make(fresh.name);
    };
    void look().then(() => make(null));
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [make]);

  useEffect(() => {
    if (shown.until_ms === 0) return;
    const renew = () => {
      if (!document.hidden && Date.now() >= shown.until_ms) void make(null);
    };
    const timer = setTimeout(renew, shown.until_ms - Date.now());
    document.addEventListener('visibilitychange', renew);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', renew);
    };
  }, [shown.until_ms, make]);

  return { ...shown, again: () => void make(null) };
}
