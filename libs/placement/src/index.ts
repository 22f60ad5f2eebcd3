export { AUDIT_RULES, type AuditedDevice, type AuditRules, auditHorizon, nextAudit } from './audits.js';
export { ALWAYS_ON_SHARE, type Candidate, type Device, DOMAINS, type Domain, isAlwaysOn } from './device.js';
export { type Durability, durability, SEGMENT_LOSS, type VolumeHealth } from './durability.js';
export { type Happiness, happiness, type Reach } from './happiness.js';
export { independent } from './independent.js';
export { LIMITS, type Limits } from './limits.js';
export { type Placement, type Placing, place, type Strain } from './place.js';
export {
  type HappinessReason,
  type PlacementReason,
  type PolicyReason,
  policySentence,
  type RepairReason,
  type StandingReason,
} from './reasons.js';
export {
  type PlannedRepair,
  PRESENCE_RULES,
  type PresenceRules,
  pieceAfter,
  presenceRules,
  type RepairNeed,
  type RepairsOfDay,
  repairNeeded,
  type SegmentState,
  URGENT,
  withinBudget,
} from './repair.js';
export {
  type AuditOutcome,
  audited,
  corruptionScore,
  dayPassed,
  isVetted,
  newcomer,
  offlineScore,
  STANDING_RULES,
  type StandingRules,
  type StorageStanding,
  type Verdict,
  verdict,
} from './standing.js';
