import { Injectable } from '@nestjs/common';
import { type AdminLogRow, AdminLogStore } from './admin-log.store.js';

@Injectable()
export class AdminLogQuery {
  constructor(private readonly store: AdminLogStore) {}

  page(before: number | undefined, limit: number): Promise<AdminLogRow[]> {
    return this.store.page(before ?? null, limit);
  }

  isIntact(): Promise<boolean> {
    return this.store.isIntact();
  }
}
