import { Injectable } from '@nestjs/common';
import { type AdminLogRow, AdminLogStore, type LogCheck, type LogPage } from './admin-log.store.js';

@Injectable()
export class AdminLogQuery {
  constructor(private readonly store: AdminLogStore) {}

  page(page: LogPage): Promise<AdminLogRow[]> {
    return this.store.page(page);
  }

  check(): Promise<LogCheck> {
    return this.store.check();
  }

  isIntact(): Promise<boolean> {
    return this.store.isIntact();
  }
}
