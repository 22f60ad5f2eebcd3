import { HeapError } from '#units';

export const promoUnknown = (code: string): HeapError =>
  new HeapError('promo.not_found', `There is no campaign with the code ${code}.`, 'user');

export const promoOver = (code: string): HeapError =>
  new HeapError('promo_ended.conflict', `The campaign ${code} is over: its code is not taken any more.`, 'user');

export const promoSpent = (code: string): HeapError =>
  new HeapError('promo_budget.conflict', `The budget of the campaign ${code} is used up.`, 'user');

export const promoTaken = (): HeapError =>
  new HeapError(
    'promo_taken.conflict',
    'This campaign gives to each person once, whatever number of accounts they have: somebody you share a card, bank account or device with has redeemed it.',
    'user',
  );

export const campaignExists = (code: string): HeapError => new HeapError('campaign.conflict', `The code ${code} is taken.`, 'user');

export const campaignBudgetTooSmall = (): HeapError =>
  new HeapError('invalid_input', 'The budget of a campaign is at least what it gives to one person, and it ends in the future.', 'user');
