import { Injectable } from '@nestjs/common';
import type { LiveTopicName } from '#protocol';
import { workMarket } from '#units';
import { AccessChanged, AdminActed } from '../accounts/accounts.events.js';
import { MarketTraded } from '../auctions/auctions.events.js';
import { DepositChanged } from '../funding/funding.events.js';
import { LeaseEnded, LeaseGranted, LeaseTermOver, TaskSetAside } from '../leases/leases.events.js';
import { MoneyMoved } from '../money/money.events.js';
import { KeptOfferChanged, NodeChanged, OfferChanged, PresenceChanged } from '../nodes/nodes.events.js';
import { NoticesChanged } from '../notices/notices.events.js';
import { HeapLookedAt } from '../operations/operations.events.js';
import { JobEnded, LimitsChanged, WorkQueued } from '../orders/orders.events.js';
import { PayoutChanged } from '../payouts/payouts.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { EventsMissed } from '../platform/bus/relay.events.js';
import { KeptLeaseEnded, KeptLeaseGranted, ReservationChanged } from '../reservations/reservations.events.js';
import { TasksSettled } from '../results/results.events.js';
import { ObjectionsChanged } from '../settlement/settlement.events.js';
import { PenaltiesChanged, ResultsRefuted } from '../verification/verification.events.js';
import { NodeStorageChanged, VolumeChanged } from '../volumes/volumes.events.js';
import { ofPerson, ofSubject } from './keys.js';
import { LiveService } from './live.service.js';

/** What shows a person's money, and what money moves with. */
const MONEY: readonly LiveTopicName[] = ['funds', 'earnings', 'payouts', 'deposits', 'reservations', 'jobs'];

/** Which topics follow from what stations announce. Runs for every group of results of the heap: no look into the database here. */
@Injectable()
export class Announcements {
  constructor(bus: EventBus, { topics }: LiveService) {
    const heap = (...names: readonly LiveTopicName[]) => {
      for (const name of names) topics.changed(name);
    };
    const person = (person_id: string, ...names: readonly LiveTopicName[]) => {
      for (const name of names) topics.changed(ofPerson(name, person_id));
    };
    const market = (name: string) => topics.changed(ofSubject('market', name));
    const job = (job_id: string) => topics.changed(ofSubject('job', job_id));
    const node = (node_id: string) => topics.changed(ofSubject('node', node_id));

    bus.subscribe(EventsMissed, () => topics.allChanged());
    bus.subscribe(TasksSettled, ({ job_id, developer_id }) => {
      job(job_id);
      person(developer_id, 'jobs');
      heap('heap', 'admin:glance');
    });
    bus.subscribe(WorkQueued, ({ job_id, developer_id, slot_class }) => {
      job(job_id);
      person(developer_id, 'jobs');
      market(workMarket(slot_class));
      heap('markets', 'heap', 'admin:glance');
    });
    bus.subscribe(JobEnded, ({ job_id, developer_id }) => {
      job(job_id);
      person(developer_id, 'jobs', 'funds');
      heap('heap', 'admin:glance');
    });
    bus.subscribe(TaskSetAside, ({ job_id }) => job(job_id));
    bus.subscribe(ResultsRefuted, ({ job_ids }) => {
      for (const job_id of job_ids) job(job_id);
      heap('admin:suspects');
    });
    bus.subscribe(LimitsChanged, ({ developer_id }) => person(developer_id, 'funds'));
    for (const event of [LeaseGranted, LeaseEnded])
      bus.subscribe(event, ({ owner_id, node_id, job_id }) => {
        person(owner_id, 'leases');
        node(node_id);
        job(job_id);
      });
    bus.subscribe(LeaseTermOver, ({ node_id }) => node(node_id));
    for (const event of [KeptLeaseGranted, KeptLeaseEnded]) bus.subscribe(event, ({ node_id }) => node(node_id));
    bus.subscribe(VolumeChanged, ({ person_id }) => person(person_id, 'volumes'));
    bus.subscribe(NodeStorageChanged, ({ node_id }) => node(node_id));
    bus.subscribe(ReservationChanged, ({ market: name }) => {
      market(name);
      heap('markets');
    });
    bus.subscribe(PresenceChanged, ({ nodes }) => {
      for (const [node_id, owner_id] of nodes) {
        node(node_id);
        person(owner_id, 'nodes');
      }
      heap('heap', 'admin:glance', 'admin:nodes');
    });
    bus.subscribe(NodeChanged, ({ node_id, owner_id }) => {
      node(node_id);
      person(owner_id, 'nodes', 'offers');
      heap('admin:nodes');
    });
    bus.subscribe(OfferChanged, ({ slot_classes, node_ids, owner_id }) => {
      for (const node_id of node_ids ?? []) node(node_id);
      if (owner_id !== undefined) person(owner_id, 'offers');
      for (const slot_class of slot_classes) market(workMarket(slot_class));
      heap('markets');
    });
    bus.subscribe(KeptOfferChanged, ({ markets }) => {
      for (const name of markets) market(name);
      heap('markets');
    });
    bus.subscribe(MarketTraded, ({ market: name }) => {
      market(name);
      heap('markets');
    });
    bus.subscribe(MoneyMoved, ({ person_ids }) => {
      for (const person_id of person_ids) person(person_id, ...MONEY);
      heap('admin:money');
    });
    bus.subscribe(PayoutChanged, ({ person_id }) => {
      person(person_id, 'payouts', 'earnings');
      heap('admin:money');
    });
    bus.subscribe(DepositChanged, ({ person_id }) => {
      person(person_id, 'deposits', 'funds');
      heap('admin:money');
    });
    bus.subscribe(ObjectionsChanged, ({ person_ids }) => {
      for (const person_id of person_ids) person(person_id, 'objections', 'earnings');
      heap('admin:objections');
    });
    bus.subscribe(PenaltiesChanged, ({ person_ids }) => {
      for (const person_id of person_ids) person(person_id, 'penalties', 'nodes');
      heap('admin:suspects');
    });
    bus.subscribe(AccessChanged, ({ person_id }) => {
      person(person_id, 'sessions', 'keys');
      heap('admin:people');
    });
    bus.subscribe(HeapLookedAt, () => heap('heap', 'admin:glance'));
    bus.subscribe(NoticesChanged, ({ person_ids }) => {
      for (const person_id of person_ids) person(person_id, 'notices');
    });
    bus.subscribe(AdminActed, () => heap('admin:log'));
  }
}
