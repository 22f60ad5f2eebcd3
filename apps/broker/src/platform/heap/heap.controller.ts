import { Controller, Header, Inject, Optional } from '@nestjs/common';
import { PROTOCOL, ROUTES } from '#protocol';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseHealth } from '../database/health.js';
import { type Answer, Endpoint } from '../http/endpoint.js';
import { openApiDocument } from '../openapi/document.js';
import { NODES_ONLINE, type NodesOnline } from './nodes-online.js';
import { VERSION } from './version.js';

/** What the heap says about itself. */
@Controller()
export class HeapController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly health: DatabaseHealth,
    @Optional() @Inject(NODES_ONLINE) private readonly nodes?: NodesOnline,
  ) {}

  @Endpoint(ROUTES.heap)
  async heap(): Promise<Answer<typeof ROUTES.heap>> {
    return {
      name: this.config.name,
      version: VERSION,
      protocol: PROTOCOL,
      currency: this.config.currency,
      simulated_payments: this.config.simulated_payments,
      volume_grace_hours: this.config.volume_grace_hours,
      nodes_online: (await this.nodes?.count()) ?? 0,
      fee_basis_points: this.config.fee_basis_points,
    };
  }

  @Endpoint(ROUTES.live)
  live(): Answer<typeof ROUTES.live> {
    return { status: 'ok' };
  }

  @Endpoint(ROUTES.ready)
  async ready(): Promise<Answer<typeof ROUTES.ready>> {
    await this.health.assertReachable();
    return { status: 'ok', database: 'ok' };
  }

  @Endpoint(ROUTES.openapi)
  @Header('cache-control', 'public, max-age=300')
  openapi(): Answer<typeof ROUTES.openapi> {
    return openApiDocument({ name: this.config.name, version: VERSION });
  }
}
