import { Module } from '@nestjs/common';
import { FundingController } from './funding.controller.js';
import { FundingService } from './funding.service.js';
import { FundingStore } from './funding.store.js';

@Module({ controllers: [FundingController], providers: [FundingService, FundingStore] })
export class FundingModule {}
