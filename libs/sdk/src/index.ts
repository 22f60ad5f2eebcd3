export type { RoundView as RoundInfo } from '#protocol';
export { HeapError, type Micro } from '#units';
export type { Admin, AdminLogLine, CampaignInfo, ManualEntry, ManualJournal, PartnerLinkInfo, SolvencyInfo } from './admin.js';
export type { Amount } from './amount.js';
export type { CheckOptions, CheckReport } from './check.js';
export { type HeapOptions, type Profile, profilePath } from './config.js';
export { describeCapability, type ListedEntry, type Listing, weaken } from './directories.js';
export type { Download, GetOptions, GetProgress } from './download.js';
export {
  type BalanceInfo,
  type CorrectionInfo,
  type DepositInfo,
  type EarningsInfo,
  type EnrolmentCode,
  type EnrolmentLink,
  type FundsInfo,
  Heap,
  type HeapInfo,
  type IdleInfo,
  type ModuleInfo,
  type NodeInfo,
  type OwnerLease,
  type PartnerInfo,
  type PayoutAccountInfo,
  type PayoutInfo,
  type PayoutTermsInfo,
  type Person,
  type PromoInfo,
  type RefundInfo,
  type RunResult,
  type SpendingInfo,
  type StatementHead,
  type StatementInfo,
  type TaskContext,
  type TaskFiles,
  type TopUpInfo,
} from './heap.js';
export type { Job, JobInfo, ObjectionInfo, Receipt, RetryChanges, TaskFilter, TaskInfo, TaskLine } from './job.js';
export type { LimitChanges, LimitsInfo } from './limits.js';
export type { MapOptions, MapRun, SubmitOptions } from './map.js';
export type { CandleInfo, CandlePage, DepthInfo, MarketInfo, RoundsFrom } from './market.js';
export { type Codec, checkWork, type FileInput, type ModuleInput } from './module.js';
export type { DeliveryInfo, NoticeInfo, NoticeKind, Notices, WebhookInfo } from './notices.js';
export type { Constraints, NodeFacts, OrderTerms } from './order.js';
export type { TaskFailure, TaskResult } from './outcome.js';
export type { Place, Places } from './places.js';
export type { PresenceInfo, PresenceNews, WatchOptions } from './presence.js';
export type { Progress } from './progress.js';
export type { PutOptions, PutProgress, PutSource } from './put.js';
export {
  type KeptLeaseInfo,
  type KeptOfferInfo,
  priceUnit,
  type Reservation,
  type ReservationEstimate,
  type ReservationInfo,
  type ReservationTerms,
} from './reservations.js';
export type { OfferInfo, OfferTerms, OwnerRules, PriceHours, RuleChanges } from './rules.js';
export { readTask, type TaskFile } from './task-file.js';
export type { Bounds, EstimateInfo, Plan, Planned, Terms } from './terms.js';
export type { JobVerification, LevelInfo, PenaltyInfo, Reputation, Suspects, Verification } from './verification.js';
export type { ResultToVerify, VerifierAnswer, VerifierTerms } from './verifier.js';
export { fromVolume, type VolumeInput } from './volume-input.js';
export type { StoredFile, VolumeEstimate, VolumeHealth, VolumeInfo, Volumes, VolumeTerms } from './volumes.js';
export { verifyWebhook, type WebhookNotice, type WebhookRequest } from './webhook.js';
