import { Injectable, type OnModuleInit } from '@nestjs/common';
import { jobEnded } from '#lifecycle';
import { PayerBlocked } from '../funding/funding.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { FrozenPayersStore } from './frozen-payers.store.js';
import { OrdersCommands } from './orders.commands.js';

/** Stops the jobs of somebody whose payment is disputed: nothing more runs on money that the bank may keep. */
@Injectable()
export class FrozenPayers implements OnModuleInit {
  constructor(
    private readonly bus: EventBus,
    private readonly store: FrozenPayersStore,
    private readonly commands: OrdersCommands,
  ) {}

  onModuleInit(): void {
    this.bus.subscribe(PayerBlocked, async ({ person_id }) => {
      for (const job_id of await this.store.liveJobs(person_id))
        await this.commands.endEarly(job_id, 'STOPPED', jobEnded('developer_frozen'), 'job_stopped');
    });
  }
}
