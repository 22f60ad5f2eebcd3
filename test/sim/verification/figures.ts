import { LEVEL_RULES } from '#verification';
import { CHEATERS, COLLUSION, type Row, RULES, type Rule } from './grid.js';

const of = (rows: readonly Row[], rule: Rule): Row[] => rows.filter((row) => row.rule === rule);

/** The row with the most wrong results. */
export function worst(rows: readonly Row[]): Row {
  return rows.reduce((a, b) => (b.wrong > a.wrong ? b : a));
}

const most = (rows: readonly Row[], key: 'executions' | 'wrong'): number => Math.max(...rows.map((row) => row[key]));

/** The keys of performance.md, of the rows in which a tenth of the nodes cheats and all of them together. */
export function ours(rows: readonly Row[]) {
  const checked = rows.filter(({ rule }) => rule === 'L1' || rule === 'L2' || rule === 'L3');
  const honest = checked.reduce((all, { nodes, cheaters }) => all + nodes - Math.round(nodes * cheaters), 0);
  const banned = checked.reduce((all, row) => all + row.honest_banned * (row.nodes - Math.round(row.nodes * row.cheaters)), 0);
  return {
    l1: most(of(rows, 'L1'), 'wrong'),
    l2: most(of(rows, 'L2'), 'wrong'),
    l3: most(of(rows, 'L3'), 'wrong'),
    executions_l1: most(of(rows, 'L1'), 'executions'),
    executions_l2: most(of(rows, 'L2'), 'executions'),
    executions_l3: most(of(rows, 'L3'), 'executions'),
    honest_banned: banned / honest,
  };
}

export function peers(rows: readonly Row[]) {
  const figure = (rule: Rule) => ({ wrong: most(of(rows, rule), 'wrong'), executions: most(of(rows, rule), 'executions') });
  return { voting: figure('voting'), boinc: figure('boinc') };
}

/** Which of the promises of issue 9 hold. */
export function holds(rows: readonly Row[]): Record<string, boolean> {
  const { l1, l2, l3, executions_l1, executions_l2, executions_l3, honest_banned } = ours(rows);
  const { voting, boinc } = peers(rows);
  const { L1, L2, L3 } = LEVEL_RULES;
  return {
    l1: l1 <= (L1.expected_error as number),
    l2: l2 <= (L2.expected_error as number),
    l3: l3 <= (L3.expected_error as number),
    executions_l1: executions_l1 <= L1.expected_executions,
    executions_l2: executions_l2 <= L2.expected_executions,
    executions_l3: executions_l3 <= L3.expected_executions,
    honest_banned: honest_banned <= 1e-4,
    five_times_fewer_than_boinc_at_l1: l1 * 5 <= boinc.wrong,
    five_times_fewer_than_voting_at_l2: l2 * 5 <= voting.wrong,
  };
}

export type Cell = Record<Rule, number> & { readonly cheaters: number; readonly collusion: number };

/** For each share of cheaters and collusion the most wrong results over greed, sleep and rejoining. */
export function table(rows: readonly Row[]): Cell[] {
  return CHEATERS.flatMap((cheaters) =>
    COLLUSION.map((collusion) => {
      const cell = rows.filter((row) => row.cheaters === cheaters && row.collusion === collusion);
      const figures = Object.fromEntries(RULES.map((rule) => [rule, most(of(cell, rule), 'wrong')])) as Record<Rule, number>;
      return { cheaters, collusion, ...figures };
    }),
  );
}

export function asText(cells: readonly Cell[]): string {
  const line = (cell: Cell): string =>
    [`${cell.cheaters * 100} %`, `${cell.collusion * 100} %`, ...RULES.map((rule) => cell[rule].toExponential(1))].join(' | ');
  return [`cheaters | together | ${RULES.join(' | ')}`, '--- | --- | --- | --- | --- | --- | ---', ...cells.map(line)]
    .map((l) => `| ${l} |`)
    .join('\n');
}
