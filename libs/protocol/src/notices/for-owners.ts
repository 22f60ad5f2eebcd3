import * as z from 'zod';
import { formatMajor } from '#units';
import { id, microText } from '../scalars.js';
import { noticeKind } from './kind.js';

const amount = (micro: string, currency: string): string => `${formatMajor(BigInt(micro))} ${currency}`;
const name = z.string();
const device = { node_id: id, name };
const penalty = { penalty_id: id, name, sentence: z.string() };
const payout = { payout_id: id, amount_micro: microText };
const nodePage = ({ node_id }: { node_id: string }): string => `/owner/devices/${node_id}`;

export const ownerNotices = {
  'device.lost': noticeKind({
    group: 'devices',
    severity: 'info',
    by_default: ['page'],
    grouped: true,
    params: { ...device, epoch: z.number() },
    title: (p) => `${p.name} has been away for half an hour`,
    sentence: (p) =>
      `The heap has not heard from ${p.name} for half an hour. If you did not switch it off, see whether it has power and a network.`,
    link: nodePage,
  }),
  'device.back': noticeKind({
    group: 'devices',
    severity: 'good',
    by_default: ['page'],
    grouped: true,
    params: device,
    title: (p) => `${p.name} is back`,
    sentence: (p) => `${p.name} is connected again and takes work as its rules allow.`,
    link: nodePage,
  }),
  'device.hot': noticeKind({
    group: 'devices',
    severity: 'warning',
    by_default: ['page', 'push'],
    grouped: true,
    params: { ...device, sentence: z.string() },
    title: (p) => `${p.name} rests because it is hot`,
    sentence: (p) => `${p.sentence} It goes on by itself when it has cooled down; some air around it helps.`,
    link: nodePage,
  }),
  'penalty.warning': noticeKind({
    group: 'standing',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: false,
    params: penalty,
    title: (p) => `${p.name} is checked more closely`,
    sentence: (p) => p.sentence,
    link: () => '/owner/penalties',
  }),
  'penalty.issued': noticeKind({
    group: 'standing',
    severity: 'urgent',
    by_default: ['page', 'email', 'push'],
    grouped: false,
    params: penalty,
    title: (p) => `${p.name} may not work for now`,
    sentence: (p) => `${p.sentence} You can appeal on the page of your penalties.`,
    link: () => '/owner/penalties',
  }),
  'penalty.lapsed': noticeKind({
    group: 'standing',
    severity: 'good',
    by_default: ['page', 'email'],
    grouped: false,
    params: { penalty_id: id, name },
    title: (p) => `The penalty of ${p.name} is over`,
    sentence: (p) => `${p.name} takes work again as any other device does.`,
    link: () => '/owner/penalties',
  }),
  'penalty.decided': noticeKind({
    group: 'standing',
    severity: 'warning',
    by_default: ['page', 'email', 'push'],
    grouped: false,
    params: { ...penalty, upheld: z.boolean() },
    title: (p) => (p.upheld ? `The penalty of ${p.name} stands` : `The penalty of ${p.name} is lifted`),
    sentence: (p) => p.sentence,
    link: () => '/owner/penalties',
  }),
  'earnings.first': noticeKind({
    group: 'earnings',
    severity: 'good',
    by_default: ['page', 'push'],
    grouped: false,
    params: {},
    title: () => 'You earned your first money here',
    sentence: () => 'Work of your device was accepted and paid. The page of your earnings says when it can be paid out.',
    link: () => '/owner/earnings',
  }),
  'earnings.released': noticeKind({
    group: 'earnings',
    severity: 'info',
    by_default: ['page'],
    grouped: true,
    params: { amount_micro: microText, day: z.string() },
    title: (p, currency) => `${amount(p.amount_micro, currency)} became payable`,
    sentence: (p, currency) =>
      `On ${p.day} (UTC) holdbacks ended: ${amount(p.amount_micro, currency)} of your earnings became yours to pay out.`,
    link: () => '/owner/earnings',
  }),
  'earnings.threshold': noticeKind({
    group: 'earnings',
    severity: 'good',
    by_default: ['page', 'email'],
    grouped: true,
    params: { available_micro: microText, minimum_micro: microText },
    title: () => 'You can ask for a payout',
    sentence: (p, currency) =>
      `${amount(p.available_micro, currency)} are payable, and the least that is paid out is ${amount(p.minimum_micro, currency)}.`,
    link: () => '/owner/payouts',
  }),
  'payout.sent': noticeKind({
    group: 'earnings',
    severity: 'info',
    by_default: ['page'],
    grouped: true,
    params: payout,
    title: (p, currency) => `A payout of ${amount(p.amount_micro, currency)} is on its way`,
    sentence: () => 'It was sent; banks take one or two working days.',
    link: () => '/owner/payouts',
  }),
  'payout.paid': noticeKind({
    group: 'earnings',
    severity: 'good',
    by_default: ['page', 'email', 'push'],
    grouped: false,
    params: payout,
    title: (p, currency) => `A payout of ${amount(p.amount_micro, currency)} arrived`,
    sentence: () => 'The bank has it. If you do not see it within two days, write to the heap with the number of the payout.',
    link: () => '/owner/payouts',
  }),
  'payout.failed': noticeKind({
    group: 'earnings',
    severity: 'urgent',
    by_default: ['page', 'email', 'push'],
    grouped: false,
    params: { ...payout, sentence: z.string() },
    title: (p, currency) => `A payout of ${amount(p.amount_micro, currency)} did not go through`,
    sentence: (p) => `${p.sentence} The money is yours as before.`,
    link: () => '/owner/payouts',
  }),
  'objection.work': noticeKind({
    group: 'earnings',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: true,
    params: { objection_id: id, amount_micro: microText, refund_micro: microText, sentence: z.string() },
    title: () => 'An objection to work of your devices is decided',
    sentence: (p, currency) =>
      `${p.sentence} Of ${amount(p.amount_micro, currency)} that were objected to, ${amount(p.refund_micro, currency)} went back to the developer.`,
    link: () => '/owner/earnings',
  }),
} as const;
