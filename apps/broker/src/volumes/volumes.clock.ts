import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { Repetition } from '../platform/repetition.js';
import { Audits } from './audits.service.js';
import { Deliveries } from './deliveries.service.js';
import { FilesService } from './files.service.js';
import { Losses } from './losses.service.js';
import { PiecesStore } from './pieces.store.js';
import { Relay } from './relay.js';
import { Standings } from './standings.service.js';
import { VolumesService } from './volumes.service.js';

const BATCH = 1_000;
/** What changes slowly is looked at so much more seldom. */
const SELDOM = 30;
const ABANDONED_DAYS = 7;
/** As long as a device keeps what nobody renews: by then every piece is gone without a word. */
const TOMBSTONE_DAYS = 31;

/** What volumes do by themselves: everything that a word or an event that was lost would have done, is done here in the end. */
@Injectable()
export class VolumesClock implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(VolumesClock.name);
  private readonly looks: Repetition;
  private turns = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly volumes: VolumesService,
    private readonly files: FilesService,
    private readonly pieces: PiecesStore,
    private readonly deliveries: Deliveries,
    private readonly losses: Losses,
    private readonly audits: Audits,
    private readonly standings: Standings,
    private readonly relay: Relay,
  ) {
    this.looks = new Repetition(
      config.volumes_look_ms,
      () => this.look(),
      (error) => this.log.warn({ err: error }, 'volumes could not be looked after; trying again'),
    );
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('worker')) this.looks.start();
  }

  onModuleDestroy(): void {
    this.looks.stop();
  }

  async look(): Promise<void> {
    await this.pieces.relink();
    const seldom = this.turns++ % SELDOM === 0;
    await this.volumes.look(seldom);
    await this.losses.look(BATCH);
    await this.pieces.staying();
    await this.transactions.run((tx) => this.pieces.leaving(tx, BATCH));
    await this.deliveries.look();
    await this.audits.look();
    if (!seldom) return;
    await this.standings.look();
    await this.relay.sweep();
    await this.files.collect(ABANDONED_DAYS, TOMBSTONE_DAYS);
  }
}
