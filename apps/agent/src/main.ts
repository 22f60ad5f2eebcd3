import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Kept } from '#agent-core';
import { HeapError } from '#units';
import { type AgentConfig, readConfig } from './config.js';
import { makeLogger } from './logger.js';
import { AGENT_VERSION, startAgent } from './start-agent.js';

const OPTIONS = {
  url: ['--url <url>', 'the address of the heap (HEAP_URL)', 'HEAP_URL'],
  dir: ['--dir <folder>', 'where key and results are kept (HEAP_AGENT_DIR)', 'HEAP_AGENT_DIR'],
  name: ['--name <name>', "the device's name (HEAP_AGENT_NAME)", 'HEAP_AGENT_NAME'],
  kind: ['--kind <kind>', 'what the device is (HEAP_AGENT_KIND)', 'HEAP_AGENT_KIND'],
  slots: ['--slots <n>', 'sandboxes at a time (HEAP_AGENT_SLOTS)', 'HEAP_AGENT_SLOTS'],
  slotClass: ['--slot-class <class>', 'the size of each (HEAP_AGENT_SLOT_CLASS)', 'HEAP_AGENT_SLOT_CLASS'],
  reservePrice: [
    '--reserve-price <amount>',
    'the least that 10¹² fuel may be sold for (HEAP_AGENT_RESERVE_PRICE)',
    'HEAP_AGENT_RESERVE_PRICE',
  ],
  rules: ['--rules <safe|none>', 'when it works until you have ruled yourself (HEAP_AGENT_RULES)', 'HEAP_AGENT_RULES'],
  ownRulesOnly: [
    '--own-rules-only',
    'take no rules that are set at the heap, only those set on this device (HEAP_AGENT_OWN_RULES_ONLY)',
    'HEAP_AGENT_OWN_RULES_ONLY',
  ],
  standingSlots: ['--standing-slots <n>', 'slots kept for services (HEAP_AGENT_STANDING_SLOTS)', 'HEAP_AGENT_STANDING_SLOTS'],
  standingPrice: ['--standing-price <amount>', 'the least for an hour of one (HEAP_AGENT_STANDING_PRICE)', 'HEAP_AGENT_STANDING_PRICE'],
  storage: ['--storage <gb>', 'GB for sale as storage, and as cold storage: 200 or 200,1000 (HEAP_AGENT_STORAGE)', 'HEAP_AGENT_STORAGE'],
  storagePrice: ['--storage-price <amount>', 'the least for a GB-month (HEAP_AGENT_STORAGE_PRICE)', 'HEAP_AGENT_STORAGE_PRICE'],
  storageTraffic: [
    '--storage-traffic <GB>',
    'the most that is moved for it in a day (HEAP_AGENT_STORAGE_TRAFFIC)',
    'HEAP_AGENT_STORAGE_TRAFFIC',
  ],
  logFormat: ['--log-format <format>', 'json or pretty (HEAP_LOG_FORMAT)', 'HEAP_LOG_FORMAT'],
} as const;

/** What is said to an agent that runs; their code is loaded only then, an idle agent does not carry it. */
const OTHERS = ['status', 'pause', 'resume', 'rules', 'install', 'uninstall', 'help', '--help', '-h'];

function program(): Command {
  const command = new Command('heap-agent').version(AGENT_VERSION).description('Sells the idle capacity of this device to a heap.');
  command.argument('[code]', 'the enrolment code, at the first start (HEAP_ENROLMENT_CODE)');
  for (const [flags, what] of Object.values(OPTIONS)) command.option(flags, what);
  return command;
}

function settings(command: Command): Record<string, string | undefined> {
  const given: Record<string, string | true | undefined> = command.opts();
  const env: Record<string, string | undefined> = { ...process.env };
  for (const [name, [, , variable]] of Object.entries(OPTIONS))
    env[variable] = given[name] === true ? 'yes' : (given[name] ?? env[variable]);
  env.HEAP_ENROLMENT_CODE = command.args[0] ?? env.HEAP_ENROLMENT_CODE;
  return env;
}

async function start(command: Command): Promise<void> {
  const config = readConfig(settings(command));
  const agent = await startAgent({
    dir: config.HEAP_AGENT_DIR,
    url: config.HEAP_URL ?? null,
    enrolment_code: config.HEAP_ENROLMENT_CODE ?? null,
    name: config.HEAP_AGENT_NAME,
    kind: config.HEAP_AGENT_KIND,
    slots: config.HEAP_AGENT_SLOTS,
    slot_class: config.HEAP_AGENT_SLOT_CLASS,
    reserve_price_micro: config.HEAP_AGENT_RESERVE_PRICE ?? null,
    rules: config.HEAP_AGENT_RULES,
    own_rules_only: config.HEAP_AGENT_OWN_RULES_ONLY,
    kept: keptOf(config),
    logger: await makeLogger(config),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // The first asks, the second insists.
    process.once(signal, () => {
      void agent.stop();
      process.on(signal, () => process.exit(130));
    });
  }
  // Started by a launcher that has died: nobody would ever stop this process.
  process.once('disconnect', () => void agent.stop());
  const end = await agent.ended;
  if (end.code === 'revoked') throw new HeapError(end.code, end.sentence, 'owner');
}

const GB = 1_000_000_000;

/** What the owner allots to be kept: nothing unless said. */
function keptOf(config: AgentConfig): Kept {
  const [standard = 0, cold = 0] = config.HEAP_AGENT_STORAGE;
  const slot_class = config.HEAP_AGENT_SLOT_CLASS;
  const storage_price = config.HEAP_AGENT_STORAGE_PRICE ?? null;
  const part = (storage_class: 'standard' | 'cold', gb: number) => ({
    storage_class,
    bytes: gb * GB,
    reserve_price_micro: storage_price,
  });
  const count = config.HEAP_AGENT_STANDING_SLOTS;
  return {
    standing: count > 0 ? [{ slot_class, count, reserve_price_micro: config.HEAP_AGENT_STANDING_PRICE ?? null }] : [],
    storage: [part('standard', standard), part('cold', cold)].filter(({ bytes }) => bytes > 0),
    moved_bytes_per_day: config.HEAP_AGENT_STORAGE_TRAFFIC === undefined ? null : config.HEAP_AGENT_STORAGE_TRAFFIC * GB,
  };
}

async function main(): Promise<void> {
  const command = program();
  if (OTHERS.includes(process.argv[2] ?? '')) {
    const [{ ownerCommands }, { serviceCommands }] = await Promise.all([import('./commands/owner.js'), import('./commands/service.js')]);
    const dir = readConfig({ HEAP_AGENT_DIR: process.env.HEAP_AGENT_DIR }).HEAP_AGENT_DIR;
    command.enablePositionalOptions();
    ownerCommands(command, dir);
    serviceCommands(command, dir, fileURLToPath(import.meta.url));
    await command.parseAsync();
  } else await start(command.parse());
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error instanceof HeapError ? `heap agent: ${error.message}` : error);
  process.exit(1);
}
