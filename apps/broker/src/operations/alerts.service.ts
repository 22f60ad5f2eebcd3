import { Inject, Injectable } from '@nestjs/common';
import type { HeapAlertView, QueryOf, ROUTES } from '#protocol';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { AdminLogQuery } from '../accounts/admin-log.query.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { findings } from './alerts.js';
import { type AlertRow, AlertsStore } from './alerts.store.js';
import { FiguresService } from './figures.service.js';
import { alertUnknown } from './operations.errors.js';
import { AdminAlertCleared, AdminAlertRaised, HeapLookedAt } from './operations.events.js';
import { SamplesService } from './samples.service.js';
import { SamplesStore } from './samples.store.js';

/** Looks at the heap every few seconds, says what an admin must know of it, and keeps its figures. */
@Injectable()
export class AlertsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: AlertsStore,
    private readonly figures: FiguresService,
    private readonly samples: SamplesService,
    private readonly kept: SamplesStore,
    private readonly log: AdminLog,
    private readonly logged: AdminLogQuery,
    private readonly bus: EventBus,
  ) {}

  async look(): Promise<void> {
    const [now, signs, provider_alarms, connected_hour, admin_log_intact] = await Promise.all([
      this.figures.read(),
      this.store.signs(),
      this.store.providerAlarms(),
      this.kept.meanOfHour('nodes_connected'),
      this.logged.isIntact(),
    ]);
    const found = findings(now, {
      ...signs,
      ...{ provider_alarms, connected_hour, admin_log_intact, repair_bytes_per_day: this.config.repair_bytes_per_day },
    });
    const { raised, cleared } = await this.transactions.run((tx) => this.store.replace(tx, found));
    for (const row of raised) this.bus.publish(AdminAlertRaised, eventOf(row));
    for (const row of cleared) this.bus.publish(AdminAlertCleared, eventOf(row));
    await this.samples.take(
      now,
      found.reduce((sum, { weight }) => sum + weight, 0),
    );
    this.bus.publish(HeapLookedAt, {});
  }

  async standing(): Promise<HeapAlertView[]> {
    return (await this.store.standing()).map(viewOf);
  }

  async list(query: QueryOf<typeof ROUTES.listAlerts>): Promise<HeapAlertView[]> {
    return (await this.store.list(query)).map(viewOf);
  }

  /** @throws HeapError `alert.not_found`. */
  async acknowledge(admin_id: string, alert_id: string, note: string): Promise<HeapAlertView> {
    return this.transactions.run(async (tx) => {
      const row = await this.store.acknowledge(tx, alert_id, admin_id, note);
      if (!row) throw alertUnknown();
      await this.log.add(tx, admin_id, 'alert.acknowledge', alert_id, { code: row.code, subject: row.subject, note });
      return viewOf(row);
    });
  }

  forget(): Promise<void> {
    return this.store.forget();
  }
}

const eventOf = ({ id, code, subject, severity, sentence, link }: AlertRow) => ({ alert_id: id, code, subject, severity, sentence, link });

const viewOf = (row: AlertRow): HeapAlertView => ({
  alert_id: row.id,
  code: row.code,
  subject: row.subject,
  severity: row.severity,
  weight: row.weight,
  sentence: row.sentence,
  link: row.link,
  raised_at: row.raised_at.toISOString(),
  cleared_at: row.cleared_at?.toISOString() ?? null,
  acknowledged:
    row.acknowledged_at && row.acknowledged_by
      ? { at: row.acknowledged_at.toISOString(), by: row.acknowledged_by, note: row.note ?? '' }
      : null,
});
