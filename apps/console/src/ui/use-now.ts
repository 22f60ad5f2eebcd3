import { useEffect, useState } from 'react';

/** The time, ms since 1970, kept up while it is wanted and the page is seen. */
export function useNow(every_ms: number, wanted: boolean): number {
  const [now_ms, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!wanted) return;
    const tick = () => {
      if (!document.hidden) setNow(Date.now());
    };
    // Once it is wanted again; at first it is new.
    setNow((then_ms) => (Date.now() - then_ms < every_ms ? then_ms : Date.now()));
    const timer = setInterval(tick, every_ms);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [every_ms, wanted]);
  return now_ms;
}
