import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { topics as registry } from './topics.js';

/** Makes the query stale whenever one of the topics has news. */
export function useTopics(topics: readonly string[], key: QueryKey): void {
  const queries = useQueryClient();
  const [wanted, stale] = [topics.join('\n'), JSON.stringify(key)];
  useEffect(() => {
    if (wanted === '') return;
    const ends = wanted
      .split('\n')
      .map((topic) => registry.listen(topic, () => void queries.invalidateQueries({ queryKey: JSON.parse(stale) })));
    return () => {
      for (const end of ends) end();
    };
  }, [wanted, stale, queries]);
}
