import { useNow } from '../ui/use-now.js';
import { absoluteTime, relativeTime } from './times.js';

/** An instant: how long ago or ahead, and exactly when in its title. */
export function When({ at, absolute = false }: { at: string; absolute?: boolean }) {
  const now_ms = useNow(10_000, !absolute);
  const exact = absoluteTime(at);
  return (
    <time dateTime={at} title={exact}>
      {absolute ? exact : relativeTime(Date.parse(at) - now_ms)}
    </time>
  );
}
