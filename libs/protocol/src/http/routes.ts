import { accountRoutes } from './accounts.js';
import { adminDrillRoutes } from './admin-drill.js';
import { adminNodeRoutes } from './admin-nodes.js';
import { adminPeopleRoutes } from './admin-people.js';
import { administrationRoutes } from './administration.js';
import { deviceRoutes } from './device.js';
import { earningRoutes } from './earnings.js';
import { enrolmentLinkRoutes } from './enrolment-links.js';
import { fleetRoutes } from './fleet.js';
import { heapRoutes } from './heap.js';
import { idleRoutes } from './idle.js';
import { jobRoutes } from './jobs.js';
import { leaseRoutes } from './leases.js';
import { limitRoutes } from './limits.js';
import { liveRoutes } from './live.js';
import { marketRoutes } from './market.js';
import { moneyRoutes } from './money.js';
import { nodeRoutes } from './nodes.js';
import { noticeRoutes } from './notices.js';
import { objectionRoutes } from './objections.js';
import { operationRoutes } from './operations.js';
import { ownerWordRoutes } from './owner-words.js';
import { partnerRoutes } from './partners.js';
import { promotionRoutes } from './promotions.js';
import { reservationRoutes } from './reservations.js';
import { ruleRoutes } from './rules.js';
import { statementRoutes } from './statements.js';
import { verificationRoutes } from './verification.js';
import { volumeRoutes } from './volumes.js';
import { webhookRoutes } from './webhooks.js';

/** Every endpoint of the heap. */
export const ROUTES = {
  ...heapRoutes,
  ...accountRoutes,
  ...moneyRoutes,
  ...promotionRoutes,
  ...partnerRoutes,
  ...statementRoutes,
  ...administrationRoutes,
  ...adminNodeRoutes,
  ...adminPeopleRoutes,
  ...adminDrillRoutes,
  ...operationRoutes,
  ...nodeRoutes,
  ...ownerWordRoutes,
  ...fleetRoutes,
  ...enrolmentLinkRoutes,
  ...deviceRoutes,
  ...jobRoutes,
  ...marketRoutes,
  ...ruleRoutes,
  ...reservationRoutes,
  ...idleRoutes,
  ...limitRoutes,
  ...leaseRoutes,
  ...objectionRoutes,
  ...earningRoutes,
  ...verificationRoutes,
  ...volumeRoutes,
  ...liveRoutes,
  ...noticeRoutes,
  ...webhookRoutes,
} as const;
