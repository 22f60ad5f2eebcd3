import { bidQuantity, type Demand, orderOf } from './order-of.js';

const demand = (more: Partial<Demand> = {}, terms: Partial<Demand['order_terms']> = {}): Demand => ({
  id: 'job',
  person_id: 'ada',
  wanted: 4,
  held: 0,
  max_price_micro: 9n,
  arrival: 7n,
  workload_class: 'general',
  order_terms: { constraints: {}, preferences: [], spread: null, min_slots: 1, ...terms },
  not_owners: [],
  not_nodes: [],
  ...more,
});
const plain = { id: 'job', buyer: 'ada', market: 'm', quantity: 4, max_price: 9n, workload_class: 'general', arrival: 7 };

test.each<[string, Demand, number, object]>([
  ['nothing but slots and a price', demand(), 10, plain],
  ['no more than are free', demand(), 2, { ...plain, quantity: 2 }],
  ['one where none is free, so that it hears why', demand(), 0, { ...plain, quantity: 1 }],
  ['a minimum counts what it holds', demand({ wanted: 3, held: 2 }, { min_slots: 4 }), 9, { ...plain, quantity: 3, min_quantity: 2 }],
  ['a minimum that it has reached', demand({ wanted: 1, held: 3 }, { min_slots: 3 }), 9, { ...plain, quantity: 1 }],
  ['a minimum above what is free stays a minimum', demand({}, { min_slots: 3 }), 2, { ...plain, quantity: 3, min_quantity: 3 }],
  ['no minimum above what it has tasks for', demand({ wanted: 2 }, { min_slots: 4 }), 9, { ...plain, quantity: 2, min_quantity: 2 }],
  ['its own nodes', demand({}, { constraints: { own: true } }), 9, { ...plain, constraints: { owners: ['ada'] } }],
  [
    'every constraint by the name that the auction has for it',
    demand(
      { not_owners: ['mallory'], not_nodes: ['n9'] },
      {
        constraints: {
          regions: ['de'],
          kinds: ['phone'],
          min_speed_fuel_per_ms: 5,
          labels: ['gpu'],
          min_trust: 2,
          nodes: ['n1'],
          owners: ['bob'],
          not_owners: ['eve'],
          not_nodes: ['n8'],
        },
      },
    ),
    9,
    {
      ...plain,
      constraints: {
        regions: ['de'],
        kinds: ['phone'],
        min_speed: 5,
        labels: ['gpu'],
        min_trust: 2,
        nodes: ['n1'],
        owners: ['bob'],
        not_owners: ['eve', 'mallory'],
        not_nodes: ['n8', 'n9'],
      },
    },
  ],
  [
    'preferences and spread',
    demand({}, { preferences: [{ prefer: { kinds: ['server'] }, weight_micro: '3' }], spread: 'owner' }),
    9,
    { ...plain, preferences: [{ prefer: { kinds: ['server'] }, weight: 3n }], spread: 'owner' },
  ],
])('a job bids for %s', (_, one, free, expected) => {
  expect(orderOf(one, 'm', free)).toEqual(expected);
});

test('a bid is at least one slot', () => {
  expect([bidQuantity(4, 0), bidQuantity(4, 3), bidQuantity(2, 3)]).toEqual([1, 3, 2]);
});
