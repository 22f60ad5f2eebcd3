import { type RequestBody, type ResponseOf, ROUTES } from '#protocol';
import type { WorkloadClass } from '#units';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { HttpClient } from './http.js';

/** An owner's rules as they are; `*_micro` members are bigints of micro-units. */
export type OwnerRules = Money<ResponseOf<typeof ROUTES.getRules>>;
/** What a device offers in one market, at what reserve price and why. */
export type OfferInfo = Money<ResponseOf<typeof ROUTES.listOffers>['offers'][number]>;

/** A price for some hours of some weekdays, 1 Monday to 7 Sunday; from 22 to 6 runs over midnight. */
export interface PriceHours {
  weekdays: readonly number[];
  fromHour: number;
  toHour: number;
  /** For 10¹² fuel. */
  price: Amount;
}

/** What an owner may say about all devices. What is left out stays as it is. */
export interface RuleChanges {
  /** ISO 3166 in lower case: `de`, `us-ca`; null where it is not said. */
  region?: string | null;
  /** For example `Europe/Berlin`. */
  timeZone?: string;
  /** What a kWh costs; null takes the region's typical price. */
  pricePerKwh?: Amount | null;
  /** What the automatic reserve adds to the electricity. */
  marginPercent?: number;
  hours?: readonly PriceHours[];
  /** Only these buyers; null admits all that are not denied. */
  allowBuyers?: readonly string[] | null;
  denyBuyers?: readonly string[];
  workloadClasses?: readonly WorkloadClass[];
}

/** What an owner says about one device. What is left out stays as it is. */
export interface OfferTerms {
  region?: string | null;
  labels?: readonly string[];
  hours?: readonly PriceHours[];
}

export const getRules = async (http: HttpClient): Promise<OwnerRules> => withMoney(await http.call(ROUTES.getRules));

export async function changeRules(http: HttpClient, changes: RuleChanges): Promise<OwnerRules> {
  const { electricity: _, ...now } = await http.call(ROUTES.getRules);
  const { region, timeZone, pricePerKwh, marginPercent, hours, allowBuyers, denyBuyers, workloadClasses } = changes;
  const body: RequestBody<typeof ROUTES.putRules> = {
    ...now,
    ...(region !== undefined && { region }),
    ...(timeZone !== undefined && { time_zone: timeZone }),
    ...(pricePerKwh !== undefined && {
      price_per_kwh_micro: pricePerKwh === null ? null : String(microOf(pricePerKwh, 'pricePerKwh')),
    }),
    ...(marginPercent !== undefined && { margin_percent: marginPercent }),
    ...(hours !== undefined && { hours: hours.map(hoursOf) }),
    ...(allowBuyers !== undefined && { allow_buyers: allowBuyers && [...allowBuyers] }),
    ...(denyBuyers !== undefined && { deny_buyers: [...denyBuyers] }),
    ...(workloadClasses !== undefined && { workload_classes: [...workloadClasses] }),
  };
  return withMoney(await http.call(ROUTES.putRules, { body, repeatable: true }));
}

export async function listOffers(http: HttpClient): Promise<OfferInfo[]> {
  return withMoney((await http.call(ROUTES.listOffers)).offers);
}

export async function setOfferTerms(http: HttpClient, node_id: string, { region, labels, hours }: OfferTerms): Promise<void> {
  const body = {
    ...(region !== undefined && { region }),
    ...(labels !== undefined && { labels: [...labels] }),
    ...(hours !== undefined && { hours: hours.map(hoursOf) }),
  };
  await http.call(ROUTES.putOfferTerms, { params: { node_id }, body, repeatable: true });
}

const hoursOf = ({ weekdays, fromHour, toHour, price }: PriceHours) => ({
  weekdays: [...weekdays],
  from_hour: fromHour,
  to_hour: toHour,
  price_micro: String(microOf(price, 'price')),
});
