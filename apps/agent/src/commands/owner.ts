import { type Command, Option } from 'commander';
import { NO_RULES, type OwnerRules, RULE_NAMES, type RuleName, SAFE_RULES } from '#agent-core';
import { HeapError } from '#units';
import { askAgent } from '../control/client.js';
import { PAUSE_MS_MAX } from '../control/messages.js';
import { keepRules, keptRules, parseRules } from '../owner/kept.js';
import { duration, durationOrOff, hours, off, onOff, shareOrOff, slotsOrOff, tariff, threshold } from '../owner/parse.js';
import { rulesText, statusText } from './texts.js';

interface Given {
  dir: string;
  json?: boolean;
}

interface RuleOptions extends Given {
  safe?: boolean;
  none?: boolean;
  hours?: string[];
  timeZone?: string;
  idle?: number | null;
  charging?: boolean;
  battery?: OwnerRules['battery'];
  temperature?: OwnerRules['temperature_c'];
  cpuTemperature?: OwnerRules['cpu_temperature_c'];
  unmetered?: boolean;
  others?: OwnerRules['others'];
  powerPrice?: OwnerRules['power_price'];
  tariff?: OwnerRules['tariff'][number][];
  slots?: number | null;
  cpuShare?: number | null;
  dwell?: number;
  atOnce?: RuleName[];
  finish?: RuleName[];
  finishWithin?: number;
}

const several =
  <T>(parse: (text: string) => T) =>
  (text: string, before: T[] = []): T[] => [...before, parse(text)];

const answer = (given: Given, value: unknown, text: () => string) => console.log(given.json ? JSON.stringify(value) : text());

function rule(text: string): RuleName {
  const known = RULE_NAMES.find((name) => name === text.replaceAll('-', '_'));
  if (known) return known;
  throw new HeapError('invalid_rules', `There is no rule "${text}": it is one of ${RULE_NAMES.join(', ')}.`, 'owner');
}

/** `status`, `pause`, `resume`, `rules`: what an owner says to the agent that runs. */
export function ownerCommands(program: Command, dir: string): void {
  const command = (name: string, what: string) =>
    program
      .command(name)
      .description(what)
      .addOption(new Option('--dir <folder>', "the agent's folder (HEAP_AGENT_DIR)").default(dir))
      .option('--json', 'one JSON value');

  command('status', 'what the device does now, why, and what its sensors and rules say').action(async (given: Given) => {
    const status = await askAgent<'status'>(given.dir, { do: 'status' });
    answer(given, status, () => statusText(status));
  });

  command('pause', 'gives the device back at once')
    .argument('[duration]', '30m, 1h, 2h30m; without, until `resume`', duration)
    .action(async (for_ms: number | undefined, given: Given) => {
      if (for_ms !== undefined && for_ms > PAUSE_MS_MAX)
        throw new HeapError('pause_too_long', 'A pause is at most 24 days; without a duration it lasts until `resume`.', 'owner');
      const said = await askAgent<'pause'>(given.dir, { do: 'pause', for_ms: for_ms ?? null });
      const until = said.until_ms === null ? 'until you resume' : `until ${new Date(said.until_ms).toLocaleString()}`;
      answer(
        given,
        said,
        () => `The device is yours, ${until}: nothing of the heap ran any more after ${said.give_back_ms.toFixed(1)} ms.`,
      );
    });

  command('resume', 'ends a pause').action(async (given: Given) => {
    const status = await askAgent<'resume'>(given.dir, { do: 'resume' });
    answer(given, status, () => statusText(status));
  });

  command('rules', 'shows or changes when the device works')
    .option('--safe', 'begin with the safe rules: charging, at least 80 %, at most 40 °C, unmetered, not in use')
    .option('--none', 'begin with no rules: for a device that is there for nothing else')
    .option('--hours <hours>', 'only then: "mon-fri 22-6"; repeatable; off for all times', several(String))
    .option('--time-zone <zone>', 'whose hours: Europe/Berlin (default: of this system)')
    .option('--idle <time>', 'only when nobody has used it for so long: 2m, or off', durationOrOff)
    .option('--charging <on|off>', 'only on the mains', onOff)
    .option('--battery <percent>', 'at least so full: 80, or 80:85 to begin again at 85; off', threshold(100, 0, 100, 3))
    .option('--temperature <°C>', 'battery or case at most so warm: 40, 40:35, off', threshold(1, -20, 120, -3))
    .option('--cpu-temperature <°C>', 'the processor: 90, 90:80, off', threshold(1, -20, 120, -10))
    .option('--unmetered <on|off>', 'only on a network that costs nothing by the byte', onOff)
    .option('--others <percent>', 'your own programs use at most so much of the processor: 50, 50:30, off', threshold(100, 0, 100, -20))
    .option('--power-price <price>', 'a kWh costs at most so much: 0.20, off', threshold(1, 0, 1_000_000, -0.001))
    .option('--tariff <hours>', 'what a kWh costs: "daily 22-6 0.18"; repeatable, the first that fits counts', several(tariff))
    .option('--dwell <time>', 'how long nothing may forbid it before work begins again', duration)
    .option('--at-once <rule>', 'this rule stops a running task; repeatable', several(rule))
    .option('--finish <rule>', 'this one lets it finish; repeatable', several(rule))
    .option('--slots <n>', 'at most so many sandboxes at a time, or off', slotsOrOff)
    .option('--cpu-share <percent>', "at most so much of the processor's cores: 50, off", shareOrOff)
    .option('--finish-within <time>', 'a task that does not is stopped after all', duration)
    .action(async (given: RuleOptions) => {
      const { rules, changed } = await ruled(given);
      if (changed) await tell(given.dir, rules);
      answer(given, rules, () => rulesText(rules));
    });
}

async function ruled(given: RuleOptions): Promise<{ rules: OwnerRules; changed: boolean }> {
  const now = await current(given.dir);
  const rules = changed(given.none ? NO_RULES : given.safe ? SAFE_RULES : now, given);
  return { rules, changed: JSON.stringify(rules) !== JSON.stringify(now) };
}

/** Those in force; of an agent that does not run, those it will start with. */
async function current(dir: string): Promise<OwnerRules> {
  try {
    return (await askAgent<'status'>(dir, { do: 'status' })).rules;
  } catch (error) {
    if (!(error instanceof HeapError) || error.code !== 'agent_not_running') throw error;
    return keptRules(dir)?.rules ?? SAFE_RULES;
  }
}

function changed(from: OwnerRules, given: RuleOptions): OwnerRules {
  const windows = given.hours?.some(off) ? null : given.hours?.map(hours);
  const zone = given.timeZone ?? (windows || given.tariff ? Intl.DateTimeFormat().resolvedOptions().timeZone : undefined);
  const at_once = new Set([...from.at_once, ...(given.atOnce ?? [])]);
  for (const name of given.finish ?? []) at_once.delete(name);
  return parseRules({
    ...from,
    ...(windows !== undefined && { hours: windows }),
    ...(zone !== undefined && { time_zone: zone }),
    ...(given.idle !== undefined && { idle_ms: given.idle }),
    ...(given.charging !== undefined && { charging: given.charging }),
    ...(given.battery !== undefined && { battery: given.battery }),
    ...(given.temperature !== undefined && { temperature_c: given.temperature }),
    ...(given.cpuTemperature !== undefined && { cpu_temperature_c: given.cpuTemperature }),
    ...(given.unmetered !== undefined && { unmetered: given.unmetered }),
    ...(given.others !== undefined && { others: given.others }),
    ...(given.powerPrice !== undefined && { power_price: given.powerPrice }),
    ...(given.tariff !== undefined && { tariff: given.tariff }),
    ...(given.slots !== undefined && { slots: given.slots }),
    ...(given.cpuShare !== undefined && { cpu_share: given.cpuShare }),
    ...(given.dwell !== undefined && { dwell_ms: given.dwell }),
    ...(given.finishWithin !== undefined && { finish_ms: given.finishWithin }),
    at_once: RULE_NAMES.filter((name) => at_once.has(name)),
  });
}

/** An agent that runs keeps them itself; of one that does not they are there when it starts. */
async function tell(dir: string, rules: OwnerRules): Promise<void> {
  try {
    await askAgent<'rules'>(dir, { do: 'rules', rules });
  } catch (error) {
    if (!(error instanceof HeapError) || error.code !== 'agent_not_running') throw error;
    keepRules(dir, rules);
  }
}
