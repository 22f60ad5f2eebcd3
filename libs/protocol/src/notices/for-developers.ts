import * as z from 'zod';
import { formatMajor } from '#units';
import { id, instant, microText } from '../scalars.js';
import { noticeKind } from './kind.js';

const amount = (micro: string, currency: string): string => `${formatMajor(BigInt(micro))} ${currency}`;
const job = { job_id: id, name: z.string() };
const called = ({ name }: { name: string }): string => (name === '' ? 'A job' : `The job "${name}"`);
const jobPage = ({ job_id }: { job_id: string }): string => `/developer/jobs/${job_id}`;

const volume = { volume_id: id, name: z.string(), ends_at: instant, deletes_at: instant };
const volumeCalled = ({ name }: { name: string }): string => (name === '' ? 'A volume' : `The volume "${name}"`);
const volumePage = ({ volume_id }: { volume_id: string }): string => `/developer/volumes/${volume_id}`;
const day = (at: string): string => at.slice(0, 10);

export const developerNotices = {
  'job.done': noticeKind({
    group: 'jobs',
    severity: 'good',
    by_default: ['page'],
    grouped: true,
    params: { ...job, charged_micro: microText, sentence: z.string() },
    title: (p) => `${called(p)} is done`,
    sentence: (p, currency) => `${p.sentence} It cost ${amount(p.charged_micro, currency)}.`,
    link: jobPage,
  }),
  'job.failed': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: { ...job, sentence: z.string() },
    title: (p) => `${called(p)} did not end as wanted`,
    sentence: (p) => p.sentence,
    link: jobPage,
  }),
  'job.capped': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page', 'email', 'push'],
    grouped: true,
    params: { ...job, sentence: z.string() },
    title: (p) => `${called(p)} reached its limit of money`,
    sentence: (p) => p.sentence,
    link: jobPage,
  }),
  'job.budget_low': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page'],
    grouped: true,
    params: { ...job, charged_micro: microText, budget_micro: microText, queued: z.number() },
    title: (p) => `${called(p)} has used most of its budget`,
    sentence: (p, currency) =>
      `${amount(p.charged_micro, currency)} of ${amount(p.budget_micro, currency)} are used, and ${p.queued} ${p.queued === 1 ? 'task waits' : 'tasks wait'}. It stops when the budget is used up.`,
    link: jobPage,
  }),
  'job.waiting': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: { ...job, code: z.string(), sentence: z.string() },
    title: (p) => `${called(p)} has waited for ten minutes`,
    sentence: (p) => p.sentence,
    link: jobPage,
  }),
  'reservation.ended': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: { reservation_id: id, name: z.string(), sentence: z.string() },
    title: (p) => (p.name === '' ? 'A reservation is over' : `The reservation "${p.name}" is over`),
    sentence: (p) => p.sentence,
    link: () => '/developer/reservations',
  }),
  'volume.ending': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: volume,
    title: (p) => `${volumeCalled(p)} is paid until ${day(p.ends_at)}`,
    sentence: (p) => `After that it can only be read, and on ${day(p.deletes_at)} its files are deleted. Renew it in time to keep them.`,
    link: volumePage,
  }),
  'volume.grace': noticeKind({
    group: 'jobs',
    severity: 'urgent',
    by_default: ['page', 'email', 'push'],
    grouped: false,
    params: volume,
    title: (p) => `The files of ${volumeCalled(p).replace(/^A/, 'a').replace(/^T/, 't')} are deleted on ${day(p.deletes_at)}`,
    sentence: () =>
      'Its paid time is over: until then it can be read and not written. Renew it, and it goes on as it was; or fetch what you need.',
    link: volumePage,
  }),
  'volume.ended': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: { volume_id: id, name: z.string(), sentence: z.string() },
    title: (p) => `${volumeCalled(p)} is over`,
    sentence: (p) => p.sentence,
    link: volumePage,
  }),
  'objection.decided': noticeKind({
    group: 'jobs',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: false,
    params: { objection_id: id, job_id: id, refund_micro: microText, sentence: z.string() },
    title: () => 'Your objection is decided',
    sentence: (p, currency) => `${p.sentence} ${amount(p.refund_micro, currency)} came back to you.`,
    link: jobPage,
  }),
  'deposit.arrived': noticeKind({
    group: 'funds',
    severity: 'good',
    by_default: ['page', 'email'],
    grouped: true,
    params: { deposit_id: id, amount_micro: microText },
    title: (p, currency) => `A deposit of ${amount(p.amount_micro, currency)} arrived`,
    sentence: () => 'You can spend it now.',
    link: () => '/developer/balance',
  }),
  'deposit.failed': noticeKind({
    group: 'funds',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: { deposit_id: id, amount_micro: microText, sentence: z.string() },
    title: (p, currency) => `A deposit of ${amount(p.amount_micro, currency)} did not go through`,
    sentence: (p) => `${p.sentence} Nothing was charged.`,
    link: () => '/developer/balance',
  }),
  'deposit.refunded': noticeKind({
    group: 'funds',
    severity: 'info',
    by_default: ['page', 'email'],
    grouped: true,
    params: { deposit_id: id, amount_micro: microText },
    title: (p, currency) => `${amount(p.amount_micro, currency)} went back to your card`,
    sentence: () => 'Banks show it within a few working days.',
    link: () => '/developer/balance',
  }),
  'deposit.disputed': noticeKind({
    group: 'funds',
    severity: 'urgent',
    by_default: ['page', 'email', 'push'],
    grouped: false,
    params: { deposit_id: id, amount_micro: microText },
    title: (p, currency) => `A payment of ${amount(p.amount_micro, currency)} is disputed at the bank`,
    sentence: () => 'Until the bank has decided, nothing new runs on your money. If you did not mean to dispute it, tell your bank.',
    link: () => '/developer/balance',
  }),
  'funds.low': noticeKind({
    group: 'funds',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: { available_micro: microText },
    title: (p, currency) => `Your balance is down to ${amount(p.available_micro, currency)}`,
    sentence: () =>
      'That is less than a tenth of your last deposit. Jobs whose budget it does not cover are not started: deposit more in time.',
    link: () => '/developer/balance',
  }),
} as const;
