import { Global, Module } from '@nestjs/common';
import { BalancesQuery } from './balances.query.js';
import { HeldStore } from './held.store.js';
import { LedgerStore } from './ledger.store.js';
import { MoneyService } from './money.service.js';

/** The only place that writes the ledger. */
@Global()
@Module({ providers: [BalancesQuery, HeldStore, LedgerStore, MoneyService], exports: [BalancesQuery, MoneyService] })
export class MoneyModule {}
