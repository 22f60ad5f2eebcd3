import { Injectable } from '@nestjs/common';
import { ProcessesStore } from './processes.store.js';

@Injectable()
export class ProcessesService {
  constructor(private readonly store: ProcessesStore) {}

  async heardOf() {
    const [gateways, leaders] = await Promise.all([this.store.gateways(), this.store.leaders()]);
    return {
      gateways: gateways.map(({ id, started_at, seen_at, ...gateway }) => ({
        ...gateway,
        gateway_id: id,
        started_at: started_at.toISOString(),
        seen_at: seen_at.toISOString(),
      })),
      leaders: leaders.map(({ market, epoch, seen_at }) => ({ market, epoch: Number(epoch), seen_at: seen_at.toISOString() })),
    };
  }
}
