import { buyerNotes } from './buyer-notes.js';

const clean = {
  jobs_done: 3,
  jobs_cancelled: 0,
  jobs_cancelled_started: 0,
  jobs_stopped: 1,
  disputes: 0,
  disputes_lost: 0,
  objections: 0,
  objections_refused: 0,
  refused_by_owners: 0,
  paid_micro: 5n,
  buyer_since: null,
};

test.each<[string, Partial<typeof clean>, [code: string, figure: string][]]>([
  ['nothing', {}, []],
  ['that nothing was ever finished', { jobs_done: 0 }, [['buyer_new', 'no job']]],
  ['payments taken back', { disputes: 2, disputes_lost: 1 }, [['buyer_took_payments_back', '2 payments']]],
  ['objections', { objections: 3, objections_refused: 2 }, [['buyer_objected', '3 times']]],
  ['jobs cancelled while they ran', { jobs_cancelled: 4, jobs_cancelled_started: 1 }, [['buyer_cancelled_started', '1 job']]],
  ['owners who refuse them', { refused_by_owners: 2 }, [['buyer_refused', '2 owners']]],
  [
    'all there is',
    { disputes: 1, objections: 1, refused_by_owners: 1 },
    [
      ['buyer_took_payments_back', ''],
      ['buyer_objected', 'once'],
      ['buyer_refused', ''],
    ],
  ],
])('an owner is told %s', (_, more, expected) => {
  const notes = buyerNotes({ ...clean, ...more });
  expect(notes.map(({ code }) => code)).toEqual(expected.map(([code]) => code));
  for (const [i, { sentence }] of notes.entries()) expect(sentence).toContain(expected[i]?.[1]);
});
