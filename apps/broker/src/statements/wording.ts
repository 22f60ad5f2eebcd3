/** What moved the money, in the words of who reads a statement. */
const TEXTS: Readonly<Record<string, string>> = {
  deposit: 'Deposit',
  'deposit.refund': 'Deposit sent back to your card',
  'deposit.refund.reversed': 'Your bank returned what was sent back',
  capture: 'Work',
  'verification.paid': 'Work that the heap ordered to check results',
  'verification.voided': 'Checks by a device that was proven wrong',
  'verification.overturned': 'What a penalty took, given back after an appeal',
  'verifier.charged': 'Runs of your own verifier',
  release: 'Own work on own devices: earnings become money to spend',
  refund: 'Work that was given back',
  clawback: 'Work that was proven wrong',
  'promo.grant': 'Promotional money',
  'promo.expires': 'Promotional money that expired',
  'payout.confirmed': 'Payout',
  'payout.returned': 'Payout that came back from your bank',
  'dispute.opened': 'Deposit disputed with your bank',
  'dispute.won': 'Dispute decided for the heap',
  'dispute.lost': 'Dispute decided for you: what was spent is owed',
  'developer.debt_paid': 'Debt paid',
  'owner.debt_paid': 'Debt paid',
  'developer.debt_written_off': 'Debt written off',
  'owner.debt_written_off': 'Debt written off',
  'reserve.forfeited': 'Reserve forfeited',
  manual: 'Correction by the operator',
};

export const wordingOf = (kind: string): string => TEXTS[kind] ?? `${kind.replaceAll(/[._]/g, ' ')}`;

/** What a part is charged or earns; the rest of its lines is money that comes and goes. */
export const isTaxable = (kind: string): boolean =>
  kind === 'capture' ||
  kind === 'verifier.charged' ||
  kind === 'verification.paid' ||
  kind === 'verification.voided' ||
  kind === 'refund' ||
  kind === 'clawback';
