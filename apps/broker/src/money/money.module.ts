import { Global, Module } from '@nestjs/common';
import { AuditService } from './audit.service.js';
import { AuditStore } from './audit.store.js';
import { BalancesQuery } from './balances.query.js';
import { BuyerObjectionsStore } from './buyer-objections.store.js';
import { DisputedMoney } from './disputed.service.js';
import { DisputedStore } from './disputed.store.js';
import { HeldStore } from './held.store.js';
import { LedgerStore } from './ledger.store.js';
import { MoneyService } from './money.service.js';
import { NewcomersService } from './newcomers.service.js';
import { NewcomersStore } from './newcomers.store.js';
import { ObjectionsQuery } from './objections.query.js';
import { OwnerDebts } from './owner-debts.service.js';
import { OwnerDebtsStore } from './owner-debts.store.js';
import { PromoCommands } from './promo.commands.js';
import { PromoStore } from './promo.store.js';
import { WatchService } from './watch.service.js';
import { WatchStore } from './watch.store.js';

/** The only place that writes the ledger. */
@Global()
@Module({
  providers: [
    AuditService,
    AuditStore,
    BalancesQuery,
    BuyerObjectionsStore,
    DisputedMoney,
    DisputedStore,
    HeldStore,
    LedgerStore,
    MoneyService,
    NewcomersService,
    NewcomersStore,
    ObjectionsQuery,
    OwnerDebts,
    OwnerDebtsStore,
    PromoCommands,
    PromoStore,
    WatchService,
    WatchStore,
  ],
  exports: [
    AuditService,
    BalancesQuery,
    DisputedMoney,
    MoneyService,
    NewcomersService,
    ObjectionsQuery,
    OwnerDebts,
    PromoCommands,
    WatchService,
  ],
})
export class MoneyModule {}
