import { Controller, Header, Inject, Optional } from '@nestjs/common';
import { Database } from '#database';
import { PROTOCOL, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { CONFIG, type Config } from '../config/config.js';
import { type Answer, Endpoint } from '../http/endpoint.js';
import { openApiDocument } from '../openapi/document.js';
import { NODES_ONLINE, type NodesOnline } from './nodes-online.js';
import { VERSION } from './version.js';

/** What the heap says about itself. */
@Controller()
export class HeapController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
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
    try {
      await this.database.query('SELECT 1');
    } catch {
      throw new HeapError('unavailable', 'The database cannot be reached.', 'platform');
    }
    return { status: 'ok', database: 'ok' };
  }

  @Endpoint(ROUTES.openapi)
  @Header('cache-control', 'public, max-age=300')
  openapi(): Answer<typeof ROUTES.openapi> {
    return openApiDocument({ name: this.config.name, version: VERSION });
  }
}
