import { HeapError } from '#units';

export const linkTooOld = (): HeapError =>
  new HeapError('notice_link.gone', 'This link is not good any more: ask for a new one on the page of your notifications.', 'user');

export const mailNotSetUp = (sentence: string): HeapError => new HeapError('mail.unavailable', sentence, 'platform');

export const askedTooOften = (): HeapError =>
  new HeapError('rate_limited', 'That was asked for several times just now: wait a while before the next try.', 'user', {
    retry_after_seconds: 60,
  });

export const tooManyBrowsers = (most: number): HeapError =>
  new HeapError('conflict', `You have ${most} browsers that take notices, which is the limit: remove one.`, 'user');

export const browserUnknown = (): HeapError => new HeapError('not_found', 'There is no such browser among yours.', 'user');

export const webhookUnknown = (): HeapError => new HeapError('not_found', 'There is no such webhook among yours.', 'user');

export const tooManyWebhooks = (most: number): HeapError =>
  new HeapError('conflict', `You have ${most} webhooks, which is the limit: remove one.`, 'user');

export const deliveryUnknown = (): HeapError => new HeapError('not_found', 'There is no such delivery of this webhook.', 'user');

export const deliveryUnderWay = (): HeapError =>
  new HeapError('delivery.conflict', 'It is being sent at this moment: look at its outcome in a few seconds.', 'user');

export const addressRefused = (sentence: string): HeapError => new HeapError('webhook_address.invalid_input', sentence, 'user');
