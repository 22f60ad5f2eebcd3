import { Text } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { SHELL } from '../text/shell.en.js';
import { absoluteTime } from '../ui-kit/times.js';
import type { LiveState } from './connection.js';
import { live } from './live.js';
import css from './live-state.module.css';

const watch = (changed: () => void) => live.watch(changed);
const useLiveState = (): LiveState => useSyncExternalStore(watch, () => live.state);

/** Whether the page follows the heap, as a dot with a word; nothing where it listens to nothing. */
export function LiveIndicator() {
  const state = useLiveState();
  if (state.kind === 'idle') return null;
  const { word, sentence } =
    state.kind === 'offline'
      ? { word: SHELL.live.offline, sentence: SHELL.live.offline_since(absoluteTime(new Date(state.since_ms).toISOString())) }
      : { word: SHELL.live[state.kind], sentence: SHELL.live[`${state.kind}_sentence`] };
  return (
    <Text
      component="output"
      title={sentence}
      size="sm"
      c="dimmed"
      className={css.state}
      data-kind={state.kind}
      aria-label={`${word}. ${sentence}`}
    >
      <span className={css.dot} aria-hidden="true" />
      <span className={css.word}>{word}</span>
    </Text>
  );
}
