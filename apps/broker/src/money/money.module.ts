import { Global, Module } from '@nestjs/common';
import { AuditService } from './audit.service.js';
import { AuditStore } from './audit.store.js';
import { BalancesQuery } from './balances.query.js';
import { HeldStore } from './held.store.js';
import { LedgerStore } from './ledger.store.js';
import { MoneyService } from './money.service.js';
import { NewcomersService } from './newcomers.service.js';
import { NewcomersStore } from './newcomers.store.js';

/** The only place that writes the ledger. */
@Global()
@Module({
  providers: [AuditService, AuditStore, BalancesQuery, HeldStore, LedgerStore, MoneyService, NewcomersService, NewcomersStore],
  exports: [AuditService, BalancesQuery, MoneyService, NewcomersService],
})
export class MoneyModule {}
