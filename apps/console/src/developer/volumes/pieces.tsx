import { BarRows } from '../../charts/bar-rows.js';
import type { AnswerOf } from '../../http/use-heap.js';
import { VOLUMES } from '../../text/volumes.en.js';

type Counts = AnswerOf<'/v1/volumes/{volume_id}', 'get'>['pieces'];
const TEXT = VOLUMES.one;

/** From what is sure to what is lost. */
const COLOURS: Readonly<Record<keyof Counts, { colour: string; faint?: boolean }>> = {
  STORED: { colour: 'var(--accent)' },
  LEAVING: { colour: 'var(--accent)', faint: true },
  SUSPECT: { colour: 'var(--pause)' },
  SPOOLED: { colour: 'var(--wait)' },
  PLANNED: { colour: 'var(--wait)', faint: true },
  UNPLACED: { colour: 'var(--ink-soft)', faint: true },
  MISSING: { colour: 'var(--danger)', faint: true },
  CORRUPT: { colour: 'var(--danger)' },
};
const STATES = Object.keys(COLOURS) as (keyof Counts)[];

/** All pieces of a volume as one bar. */
export function Pieces({ counts }: { counts: Counts }) {
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  const there = STATES.filter((state) => counts[state] > 0);
  const named = (state: keyof Counts) => `${TEXT.states[state]}: ${counts[state].toLocaleString('en')}`;
  let from = 0;
  const parts = there.map((state) => {
    const size = counts[state];
    from += size;
    return { key: state, from: from - size, size, title: named(state), ...COLOURS[state] };
  });
  return (
    <BarRows
      label={`${TEXT.pieces_drawing(total)}: ${there.map(named).join(', ')}`}
      bars={[{ name: TEXT.pieces, value: total.toLocaleString('en'), parts }]}
      legend={there.map((state) => ({ name: named(state), ...COLOURS[state] }))}
    />
  );
}
