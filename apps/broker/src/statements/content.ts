import type { ResponseOf, ROUTES } from '#protocol';
import { charge, type Micro } from '#units';
import type { BalanceRow, LineRow, Part } from './statements.store.js';
import { isTaxable, wordingOf } from './wording.js';

export type StatementView = ResponseOf<typeof ROUTES.getStatement>;

export interface Terms {
  readonly person: { readonly name: string; readonly email: string };
  readonly issuer: { readonly name: string; readonly address: string; readonly tax_id: string };
  readonly tax_basis_points: number;
  readonly tax_note: string;
  readonly currency: string;
  readonly simulated: boolean;
}

/** One part of a month. @throws Error when opening + lines is not closing: no such document is ever made. */
export function statementOf(
  part: Part,
  month: string,
  { opening, closing }: Pick<BalanceRow, 'opening' | 'closing'>,
  rows: readonly LineRow[],
  terms: Terms,
  made_at: Date,
): StatementView {
  const moved = rows.reduce((sum, { amount }) => sum + amount, 0n);
  if (opening + moved !== closing) throw new Error(`the lines of ${part} ${month} sum to ${moved}, ${opening} became ${closing}`);
  const earned = rows.filter(({ kind }) => isTaxable(kind)).reduce((sum, { amount }) => sum + amount, 0n);
  // A developer is charged what the others earn.
  const taxable = part === 'developer' ? -earned : earned;
  return {
    statement_id: `${part}-${month}`,
    part,
    month,
    number: null,
    opening_micro: String(opening),
    closing_micro: String(closing),
    taxable_micro: String(taxable),
    tax_micro: String(containedTax(taxable, terms.tax_basis_points)),
    made_at: made_at.toISOString(),
    ...terms,
    lines: rows.map(({ day, kind, subject, amount }) => ({ day, kind, text: wordingOf(kind), subject, amount_micro: String(amount) })),
  };
}

/** The tax in an amount that contains it: floor(amount × rate / (1 + rate)), towards nothing for what went back. */
export function containedTax(amount: Micro, basis_points: number): Micro {
  const bps = BigInt(basis_points);
  const tax = charge(amount < 0n ? -amount : amount, bps, 10_000n + bps);
  return amount < 0n ? -tax : tax;
}
