import { InvalidArgumentError } from 'commander';
import type { OwnerRules, PriceHours, RuleChanges } from '#sdk';
import { type WORKLOAD_CLASS_NAMES, WORKLOAD_CLASSES, type WorkloadClass } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { hoursText, parseHours } from '../hours.js';
import { Money } from '../money.js';
import { money as amount, collected, whole } from '../options.js';

interface RulesOptions {
  region?: string;
  timeZone?: string;
  kwh?: string;
  margin?: number;
  price?: PriceHours[];
  clearPrices?: boolean;
  allow?: string[];
  allowAll?: boolean;
  deny?: string[];
  pardon?: string[];
  consent?: WorkloadClass[];
  refuse?: WorkloadClass[];
}

const CLASSES = Object.keys(WORKLOAD_CLASSES) as typeof WORKLOAD_CLASS_NAMES;
const classOf = (text: string): WorkloadClass => {
  const known = CLASSES.find((name) => name === text);
  if (known) return known;
  throw new InvalidArgumentError(`It must be one of ${CLASSES.join(', ')}.`);
};

/** `heap rules`: what you sell for, whom you serve, and what for. */
export function rulesCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('shows or changes your rules as an owner: prices, whom and what your devices admit')
    .option('--region <region>', 'where your devices are, as ISO 3166 has it: de, us-ca; the price of electricity follows it')
    .option('--time-zone <zone>', 'whose hours prices mean: Europe/Berlin')
    .option('--kwh <amount>', 'what a kWh costs you; auto takes the typical price of your region', (text) =>
      text === 'auto' ? text : amount(text),
    )
    .option('--margin <percent>', 'what the automatic reserve adds to the electricity', whole(0, 10_000))
    .option(
      '--price <hours>',
      'days, hours and a price for 10¹² fuel: "mon-fri 22-6 0.0005"; the first that fits counts',
      collected(parseHours),
    )
    .option('--clear-prices', 'back to the automatic reserve at all hours')
    .option(
      '--allow <buyer>',
      'serve only the buyers named so; `heap leases` shows them',
      collected((text) => text),
    )
    .option('--allow-all', 'serve every buyer that is not denied')
    .option(
      '--deny <buyer>',
      'never serve this buyer',
      collected((text) => text),
    )
    .option(
      '--pardon <buyer>',
      'take a denial back',
      collected((text) => text),
    )
    .option('--consent <class>', `let your devices be used for this: ${CLASSES.join(', ')}`, collected(classOf))
    .option('--refuse <class>', 'do not', collected(classOf))
    .runs(async (options: RulesOptions) => {
      const heap = context.heap();
      const now = await heap.rules();
      const rules = Object.keys(options).length > 0 ? await heap.setRules(changesOf(now, options)) : now;
      const money = await Money.of(heap);
      await context.terminal.answer(rules, () => rulesText(rules, money));
      return EXIT.ok;
    });
}

function changesOf(now: OwnerRules, options: RulesOptions): RuleChanges {
  const union = <T>(list: readonly T[], more: readonly T[]) => [...new Set([...list, ...more])];
  const { kwh, consent = [], refuse = [], pardon = [] } = options;
  return {
    ...(options.region !== undefined && { region: options.region }),
    ...(options.timeZone !== undefined && { timeZone: options.timeZone }),
    ...(kwh !== undefined && { pricePerKwh: kwh === 'auto' ? null : kwh }),
    ...(options.margin !== undefined && { marginPercent: options.margin }),
    ...(options.clearPrices && { hours: [] }),
    ...(options.price !== undefined && { hours: options.price }),
    ...(options.allow !== undefined && { allowBuyers: union(now.allow_buyers ?? [], options.allow) }),
    ...(options.allowAll && { allowBuyers: null }),
    denyBuyers: union(now.deny_buyers, options.deny ?? []).filter((buyer) => !pardon.includes(buyer)),
    workloadClasses: union(now.workload_classes, consent).filter((name) => !refuse.includes(name)),
  };
}

const ELECTRICITY: Readonly<Record<OwnerRules['electricity']['source'], (region: string | null) => string>> = {
  owner: () => 'as you said',
  region: (region) => `typical for ${region}`,
  anywhere: () => 'a high guess, as your region is not known',
};

function rulesText(rules: OwnerRules, money: Money): string {
  const { electricity, hours, allow_buyers, deny_buyers, workload_classes } = rules;
  return [
    `Reserve:    your devices' electricity at ${money.format(electricity.price_per_kwh_micro)} a kWh (${ELECTRICITY[electricity.source](electricity.region)}) and ${rules.margin_percent} % more`,
    ...hours.map((entry) => `            but ${hoursText(entry)}`),
    `Time zone:  ${rules.time_zone}`,
    `Region:     ${rules.region ?? 'not said'}`,
    `Buyers:     ${allow_buyers ? `only ${allow_buyers.join(', ') || 'nobody'}` : 'all'}${deny_buyers.length > 0 ? `, but not ${deny_buyers.join(', ')}` : ''}`,
    ...CLASSES.map((name) => `${workload_classes.includes(name) ? 'Consents to' : 'Refuses    '} ${name}: ${WORKLOAD_CLASSES[name]}`),
  ].join('\n');
}
