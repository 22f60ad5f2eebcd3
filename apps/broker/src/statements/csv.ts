import { stringify } from 'csv-stringify/sync';
import { formatMajor } from '#units';
import type { StatementView } from './content.js';

/**
 * A statement as CSV: a row for the opening balance, one for each line, one for the closing balance. What came and what went have columns
 * of their own, so that no amount begins with a sign and every text that a spreadsheet would take for a formula can be disarmed.
 */
export function csvOf(statement: StatementView): string {
  const name = statement.number ?? `${statement.statement_id} (not final)`;
  const row = (day: string, text: string, subject: string | null, amount: bigint) => ({
    statement: name,
    day,
    text,
    subject: subject ?? '',
    currency: statement.currency,
    in: amount > 0n ? formatMajor(amount) : '',
    out: amount < 0n ? formatMajor(-amount) : '',
  });
  const rows = [
    row(`${statement.month}-01`, 'Opening balance', null, BigInt(statement.opening_micro)),
    ...statement.lines.map((line) => row(line.day, line.text, line.subject, BigInt(line.amount_micro))),
    row(statement.lines.at(-1)?.day ?? `${statement.month}-01`, 'Closing balance', null, BigInt(statement.closing_micro)),
  ];
  return stringify(rows, { header: true, escape_formulas: true, record_delimiter: 'windows' });
}
