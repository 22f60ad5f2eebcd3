import { canonical, type Difference, type Json } from './canonical.js';
import type { Hash, ReceiptBody } from './receipt-body.js';

const MARK_DIGITS = 8;

/** `rows`: the marks of all rows, one after the other; `columns`: one of each member over all rows, by its path within a row. */
type ListMarks = { readonly rows: string; readonly columns: { readonly [path: string]: string } };
export type Marks = { readonly head: { readonly [path: string]: string }; readonly offers: ListMarks; readonly orders: ListMarks };

/**
 * Short digests that say where a receipt was changed: the hash of the whole proves that it was. Each row of offers and orders has one, and each
 * member over all rows has one, so that a single changed value is where the changed row and the changed column cross.
 */
export function marksOf(body: ReceiptBody, hash: Hash): Marks {
  const mark = (text: string) => hash(text).slice(0, MARK_DIGITS);
  const inputs = membersOf(body.inputs);
  const head: [string, Json | undefined][] = [
    ...(['round_id', 'market', 'cleared_at', 'previous_hash'] as const).map((key): [string, Json | undefined] => [key, body[key]]),
    ...flat(inputs.rules ?? null, 'inputs.rules'),
  ];
  return {
    head: Object.fromEntries(head.map(([path, value]) => [path, mark(written(value))])),
    offers: listMarks(rowsOf(inputs.offers), mark),
    orders: listMarks(rowsOf(inputs.orders), mark),
  };
}

/** The first member of the receipt that its marks were not made of; undefined when all are as they were. */
export function changedMember(body: ReceiptBody, hash: Hash): Difference | undefined {
  const now = marksOf(body, hash);
  const then = membersOf(body.marks);
  const inputs = membersOf(body.inputs);
  const at = changedOf(membersOf(then.head), now.head)[0];
  if (at !== undefined) return difference(at, at.startsWith('inputs.') ? under(body.inputs, at.slice('inputs.'.length)) : body[at]);
  for (const list of ['offers', 'orders'] as const) {
    const cell = changedCell(membersOf(then[list]), now[list], rowsOf(inputs[list]));
    if (cell) return difference(`inputs.${list}${cell.path}`, cell.value);
  }
  return canonical(then) === canonical(now) ? undefined : difference('marks', body.marks);
}

function changedCell(then: Members, now: ListMarks, rows: readonly Json[]): { path: string; value: Json | undefined } | undefined {
  const before = marksIn(then.rows);
  const after = marksIn(now.rows);
  const changed = [...Array(Math.max(before.length, after.length)).keys()].filter((row) => before[row] !== after[row]);
  const columns = changedOf(membersOf(then.columns), now.columns);
  const [row] = changed;
  // Rows without a column, or columns without a row: the marks themselves were changed.
  if (row === undefined || columns.length === 0) return undefined;
  // Several rows and several columns cross more than once: then the row is all that is certain.
  const column = before.length === after.length && (changed.length === 1 || columns.length === 1) ? columns[0] : undefined;
  return column === undefined ? { path: `[${row}]`, value: rows[row] } : { path: `[${row}].${column}`, value: under(rows[row], column) };
}

function listMarks(rows: readonly Json[], mark: (text: string) => string): ListMarks {
  const columns = new Map<string, string[]>();
  const marks = rows.map((row, i) => {
    for (const [path, value] of flat(row, '')) {
      const column = columns.get(path);
      const cell = `${i}:${written(value)}`;
      if (column) column.push(cell);
      else columns.set(path, [cell]);
    }
    return mark(canonical(row));
  });
  return { rows: marks.join(''), columns: Object.fromEntries([...columns].map(([path, cells]) => [path, mark(cells.join('\n'))])) };
}

/** A value by its members, however deep; a list is one member. */
function flat(value: Json, path: string): [string, Json | undefined][] {
  if (!isObject(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return member === undefined ? [] : flat(member, at);
  });
}

function under(value: Json | undefined, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((at, key) => membersOf(at)[key], value);
}

function changedOf(then: Members, now: { readonly [path: string]: string }): string[] {
  return [...new Set([...Object.keys(now), ...Object.keys(then)])].filter((path) => then[path] !== now[path]);
}

function marksIn(rows: Json | undefined): string[] {
  return typeof rows === 'string' ? (rows.match(new RegExp(`.{1,${MARK_DIGITS}}`, 'g')) ?? []) : [];
}

type Members = { readonly [key: string]: Json | undefined };

function isObject(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: Json | undefined): Members {
  return isObject(value) ? value : {};
}

function rowsOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function written(value: Json | undefined): string {
  return value === undefined ? 'nothing' : canonical(value);
}

function difference(path: string, found: Json | undefined): Difference {
  return { path, expected: 'what it was when its mark was made', found: written(found) };
}
