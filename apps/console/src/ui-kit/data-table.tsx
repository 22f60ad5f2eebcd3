import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import ui from '../ui/ui.module.css';
import css from './data-table.module.css';

export interface Column<T> {
  key: string;
  label: string;
  /** In rem; 10 otherwise. Columns share what room is left over. */
  width?: number;
  numeric?: boolean;
  /** The list can be ordered by it: the name that `onSort` gets. */
  sort?: string;
  cell: (row: T) => ReactNode;
}

export interface Order {
  by: string;
  descending: boolean;
}

interface Props<T> {
  /** What the table lists, for whoever hears it. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Of how many rows there are altogether, where that is known. */
  total?: number;
  /** Called when the end of the rows comes into view and there may be more. */
  more?: (() => void) | undefined;
  order?: Order;
  onSort?: (order: Order) => void;
}

const ROW_PX = 44;
const AHEAD = 12;
const WIDTH_REM = 10;
/** What scrolls must be reachable by keyboard. */
const REACHABLE = { tabIndex: 0 };

/** A list of any length: only the rows in view are drawn, more are asked for at its end. */
export function DataTable<T>({ label, columns, rows, rowKey, total, more, order, onSort }: Props<T>) {
  const frame = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => ROW_PX, overscan: AHEAD });
  const drawn = list.getVirtualItems();
  const last = drawn.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more && last >= rows.length - AHEAD) more();
  }, [more, last, rows.length]);
  const width = columns.reduce((sum, column) => sum + (column.width ?? WIDTH_REM), 0);
  const [above, below] = [drawn[0]?.start ?? 0, list.getTotalSize() - (drawn.at(-1)?.end ?? 0)];
  return (
    <section ref={frame} className={css.frame} aria-label={label} {...REACHABLE}>
      <table className={css.table} style={{ minWidth: `${width}rem` }} aria-rowcount={(total ?? rows.length) + 1}>
        <caption className={ui.hidden}>{label}</caption>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={{ width: `${(100 * (column.width ?? WIDTH_REM)) / width}%` }} />
          ))}
        </colgroup>
        <thead className={css.head}>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} {...(order && { order })} {...(onSort && { onSort })} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={above} columns={columns.length} />
          {drawn.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <tr key={rowKey(row)} className={css.row} aria-rowindex={index + 2}>
                {columns.map((column) => (
                  <td key={column.key} className={`${css.cell} ${column.numeric ? css.number : ''}`}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap height={below} columns={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

/** Stands for the rows that are not drawn. */
const Gap = ({ height, columns }: { height: number; columns: number }) =>
  height > 0 && (
    <tr>
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );

function Head<T>({ column, order, onSort }: { column: Column<T>; order?: Order; onSort?: (order: Order) => void }) {
  const { sort, label, numeric } = column;
  const mine = sort !== undefined && order?.by === sort;
  const direction = mine ? (order.descending ? 'descending' : 'ascending') : 'none';
  return (
    <th scope="col" className={`${css.cell} ${numeric ? css.number : ''}`} {...(sort !== undefined && { 'aria-sort': direction })}>
      {sort === undefined || !onSort ? (
        label
      ) : (
        <button type="button" className={css.sort} onClick={() => onSort({ by: sort, descending: mine && !order.descending })}>
          {label} {mine ? (order.descending ? '↓' : '↑') : ''}
        </button>
      )}
    </th>
  );
}
