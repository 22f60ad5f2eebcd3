import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Heard, topics as registry } from './topics.js';

/** Makes the query stale whenever one of the topics has news. */
export function useTopics(topics: readonly string[], key: QueryKey): void {
  const queries = useQueryClient();
  const [wanted, stale] = [topics.join('\n'), JSON.stringify(key)];
  useEffect(() => {
    if (wanted === '') return;
    const queryKey = JSON.parse(stale);
    const look = (why: Heard) => {
      // An answer that is still on its way is as new as the listening.
      if (why === 'begun' && queries.getQueryState(queryKey)?.fetchStatus !== 'idle') return;
      void queries.invalidateQueries({ queryKey });
    };
    const ends = wanted.split('\n').map((topic) => registry.listen(topic, look));
    return () => {
      for (const end of ends) end();
    };
  }, [wanted, stale, queries]);
}
