import { Module } from '@nestjs/common';
import { LeasesModule } from '../leases/leases.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { AppealsService } from './appeals.service.js';
import { CheckClaims } from './check-claims.commands.js';
import { CheckClaimsStore } from './check-claims.store.js';
import { CheckPay } from './check-pay.service.js';
import { CheckPayStore } from './check-pay.store.js';
import { ChecksService } from './checks.service.js';
import { ChecksStore } from './checks.store.js';
import { ClusterShares } from './cluster-shares.query.js';
import { ClusterSharesStore } from './cluster-shares.store.js';
import { ClustersCommands } from './clusters.commands.js';
import { ClustersStore } from './clusters.store.js';
import { CommitmentsStore } from './commitments.store.js';
import { Draws } from './draws.js';
import { OwnVerdicts } from './own-verdicts.service.js';
import { OwnVerifierRunner } from './own-verifier-runner.js';
import { OwnVerifiersService } from './own-verifiers.service.js';
import { OwnVerifiersStore } from './own-verifiers.store.js';
import { PenaltiesStore } from './penalties.store.js';
import { ProofsService } from './proofs.service.js';
import { ProofsStore } from './proofs.store.js';
import { ReferenceService } from './reference.service.js';
import { ReferenceStore } from './reference.store.js';
import { ReferenceRunner } from './reference-runner.js';
import { Reveals } from './reveals.service.js';
import { StandingStore } from './standing.store.js';
import { VerificationCommands } from './verification.commands.js';
import { VerificationController } from './verification.controller.js';
import { ViewsService } from './views.service.js';
import { ViewsStore } from './views.store.js';

@Module({
  imports: [LeasesModule, OrdersModule],
  controllers: [VerificationController],
  providers: [
    AppealsService,
    CheckClaims,
    CheckClaimsStore,
    CheckPay,
    CheckPayStore,
    ChecksService,
    ChecksStore,
    ClusterShares,
    ClusterSharesStore,
    ClustersCommands,
    ClustersStore,
    CommitmentsStore,
    Draws,
    OwnVerdicts,
    OwnVerifierRunner,
    OwnVerifiersService,
    OwnVerifiersStore,
    PenaltiesStore,
    ProofsService,
    ProofsStore,
    ReferenceRunner,
    ReferenceService,
    ReferenceStore,
    Reveals,
    StandingStore,
    VerificationCommands,
    ViewsService,
    ViewsStore,
  ],
  exports: [CheckClaims, ClusterShares, ClustersCommands, VerificationCommands],
})
export class VerificationModule {}
