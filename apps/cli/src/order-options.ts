import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Constraints, NodeFacts, OrderTerms, VerifierTerms } from '#sdk';
import { NODE_KINDS, type NodeKind, parseMajor, WORKLOAD_CLASS_NAMES, type WorkloadClass } from '#units';
import { collected, money, whole } from './options.js';

export interface OrderOptions {
  purpose?: WorkloadClass;
  region?: string[];
  kind?: NodeKind[];
  minSpeed?: number;
  label?: string[];
  trust?: number;
  own?: boolean;
  owner?: string[];
  node?: string[];
  notOwner?: string[];
  notNode?: string[];
  prefer?: { prefer: NodeFacts; weight: bigint }[];
  spread?: 'owner' | 'region' | 'node';
  minSlots?: number;
  deadline?: Date;
  verify?: Level | { file: string };
  verifyBudget?: string;
  verifyFuel?: number;
  waitForNode?: number;
  onDisconnect?: 'wait' | 'replace' | 'prefer_original';
  firm?: boolean;
  notice?: number;
  priority?: number;
}

type Level = NonNullable<OrderTerms['verification']>;
const LEVELS: readonly string[] = ['L0', 'L1', 'L2', 'L3', 'L4'] satisfies Level[];

function levelOrFile(text: string): Level | { file: string } {
  if (LEVELS.includes(text)) return text as Level;
  if (/\.(js|mjs|ts|mts|wasm)$/.test(text)) return { file: text };
  throw new InvalidArgumentError(`It must be one of ${LEVELS.join(', ')}, or a .js, .ts or .wasm file.`);
}

const words = collected((text) => text);
const kindOf = (text: string): NodeKind => {
  const known = NODE_KINDS.find((kind) => kind === text);
  if (known) return known;
  throw new InvalidArgumentError(`It must be one of ${NODE_KINDS.join(', ')}.`);
};

/** What every command that places a job takes about where and how it runs. Options that name things may be given several times. */
export function withOrderTerms<C extends Command>(command: C): C {
  return withPlaceTerms(
    command.addOption(
      new Option('--purpose <class>', 'what it is for; owners consent to classes (default: general)').choices(WORKLOAD_CLASS_NAMES),
    ),
  )
    .option('--priority <n>', 'of your own jobs the higher gets slots first, -100 to 100 (default: 0)', whole(-100, 100))
    .option('--min-slots <n>', 'take no slots rather than fewer than this (default: 1)', whole(1, 10_000))
    .option(
      '--verify <level or file>',
      'how results are checked: L0 to L4 (default: L1), or by a verifier of your own, a .js, .ts or .wasm file',
      levelOrFile,
    )
    .option('--verify-budget <amount>', 'the most that your own verifier may cost (default: 0.01)', money)
    .option('--verify-fuel <n>', 'the most fuel that it may burn on one result (default: 1000000000)', whole(1));
}

/** The part of it that every order has: which devices it takes, and what happens when it is outbid. */
export function withPlaceTerms<C extends Command>(command: C): C {
  return command
    .option('--region <region>', 'only devices there: de, us-ca', words)
    .option('--kind <kind>', `only devices of this kind: ${NODE_KINDS.join(', ')}`, collected(kindOf))
    .option('--min-speed <n>', 'only slots that burn this much fuel a millisecond', whole(1))
    .option('--label <label>', 'only devices with this label', words)
    .option('--trust <level>', 'only devices of this trust level or more', whole(0, 100))
    .option('--own', 'only your own devices')
    .option('--owner <id>', 'only devices of this owner', words)
    .option('--node <id>', 'only this device', words)
    .option('--not-owner <id>', 'no device of this owner', words)
    .option('--not-node <id>', 'not this device', words)
    .option(
      '--prefer <wish>',
      'a soft wish and its worth for one unit of the price: "region=de 0.0001", "label=gpu 0.001", "kind=server 0.01"',
      collected(parseWish),
    )
    .addOption(
      new Option('--spread <over>', 'take slots from different ones in turn where it costs nothing').choices(['owner', 'region', 'node']),
    )
    .option('--deadline <instant>', 'stop then; what is finished is paid: 2027-01-31T18:00:00Z', instant)
    .option('--wait-for-node <ms>', 'how long to wait for a device whose connection broke', whole(1_000, 3_600_000))
    .addOption(
      new Option(
        '--on-disconnect <policy>',
        'tasks of a device that is away: wait for it (default), begin them elsewhere too, or that until it is back',
      ).choices(['wait', 'replace', 'prefer_original']),
    )
    .option('--firm', 'when outbid, work on through the notice and finish what runs')
    .option('--notice <ms>', 'the time between losing a slot to a higher bid and having to leave it', whole(0, 600_000));
}

/** Only what was given: the rest has its defaults at the heap. */
export function orderTermsOf(options: OrderOptions): OrderTerms & VerifierTerms {
  const constraints = given<Constraints>({
    regions: options.region,
    kinds: options.kind,
    minSpeed: options.minSpeed,
    labels: options.label,
    minTrust: options.trust,
    own: options.own,
    owners: options.owner,
    nodes: options.node,
    notOwners: options.notOwner,
    notNodes: options.notNode,
  });
  return given<OrderTerms & VerifierTerms>({
    workloadClass: options.purpose,
    ...(Object.keys(constraints).length > 0 && { constraints }),
    preferences: options.prefer,
    spread: options.spread,
    minSlots: options.minSlots,
    deadline: options.deadline,
    ...(typeof options.verify === 'string' ? { verification: options.verify } : { verify: options.verify }),
    verifyBudget: options.verifyBudget,
    verifyFuelLimit: options.verifyFuel,
    disconnectWaitMs: options.waitForNode,
    onDisconnect: options.onDisconnect,
    firm: options.firm,
    preemptionNoticeMs: options.notice,
    priority: options.priority,
  });
}

const given = <T extends object>(members: { [K in keyof T]?: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

function parseWish(text: string): { prefer: NodeFacts; weight: bigint } {
  const [, what, value, worth] = /^(region|kind|label|owner|node|speed|trust)=(\S+)\s+(\S+)$/.exec(text.trim()) ?? [];
  if (!what || !value || !worth) throw new InvalidArgumentError('Write what is preferred and its worth: "region=de 0.0001".');
  return { prefer: wishOf(what, value), weight: worthOf(worth) };
}

function wishOf(what: string, value: string): NodeFacts {
  const several = value.split(',');
  switch (what) {
    case 'region':
      return { regions: several };
    case 'kind':
      return { kinds: several.map(kindOf) };
    case 'label':
      return { labels: several };
    case 'owner':
      return { owners: several };
    case 'node':
      return { nodes: several };
    case 'speed':
      return { minSpeed: whole(1)(value) };
    default:
      return { minTrust: whole(0, 100)(value) };
  }
}

function worthOf(text: string): bigint {
  try {
    return parseMajor(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

function instant(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('Write an instant like 2027-01-31T18:00:00Z.');
  return date;
}
