import { useEffect, useRef, useState } from 'react';
import type { Job } from '#sdk';
import { sdk } from '../sdk.js';

export type Result = Job extends { results(): AsyncGenerator<infer R> } ? R : never;

export interface Results {
  /** As they settled. */
  arrived: readonly Result[];
  done: number;
  failed: number;
  /** What all of them cost. */
  cost_micro: bigint;
  devices: number;
  over: boolean;
  error: unknown;
}

const DRAW_MS = 100;
const NOTHING: Results = { arrived: [], done: 0, failed: 0, cost_micro: 0n, devices: 0, over: false, error: null };

function summary(arrived: readonly Result[], over: boolean, error: unknown): Results {
  const failed = arrived.filter((result) => result.error !== null).length;
  return {
    arrived: [...arrived],
    done: arrived.length - failed,
    failed,
    cost_micro: arrived.reduce((sum, { cost }) => sum + cost, 0n),
    devices: new Set(arrived.map(({ node }) => node)).size,
    over,
    error,
  };
}

/**
 * The results of a job from its first on, as they arrive, for as long as the page is open: the SDK resumes after whatever breaks. `news` is called
 * with every batch that is drawn. With `final` each comes when it is decided what it is worth; while `wait` is null none is asked for.
 */
export function useResults(job_id: string, wait: 'provisional' | 'final' | null, news: () => void): Results {
  const [results, setResults] = useState(NOTHING);
  const tell = useRef(news);
  tell.current = news;
  useEffect(() => {
    if (wait === null) return;
    const stop = new AbortController();
    const arrived: Result[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (over = false, error: unknown = null) => {
      clearTimeout(timer);
      timer = undefined;
      if (stop.signal.aborted) return;
      setResults(summary(arrived, over, error));
      tell.current();
    };
    setResults(NOTHING);
    const follow = async () => {
      for await (const result of sdk().job(job_id).results({ signal: stop.signal, wait })) {
        arrived.push(result);
        timer ??= setTimeout(draw, DRAW_MS);
      }
    };
    follow().then(
      () => draw(true),
      (error) => draw(true, error),
    );
    return () => {
      clearTimeout(timer);
      stop.abort(new Error('the page was left'));
    };
  }, [job_id, wait]);
  return results;
}
