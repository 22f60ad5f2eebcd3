import { useEffect, useState } from 'react';

/** The time, ms since 1970, kept up while it is wanted and the page is seen. */
export function useNow(every_ms: number, wanted: boolean): number {
  const [now_ms, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!wanted) return;
    const tick = () => {
      if (!document.hidden) setNow(Date.now());
    };
    tick();
    const timer = setInterval(tick, every_ms);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [every_ms, wanted]);
  return now_ms;
}
