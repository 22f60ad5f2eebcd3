import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { formatMajor, HeapError, NODE_KINDS, PRICE_LIMIT, parseMajor, SLOT_CLASSES } from '#units';
import { guessKind } from './device.js';

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'it must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `it must be at least ${least}`).max(most, `it must be at most ${most}`));

const price = z.string().transform((text, context) => {
  try {
    const micro = parseMajor(text);
    if (micro < PRICE_LIMIT) return micro;
    throw new RangeError(`a price is below ${formatMajor(PRICE_LIMIT)}`);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), 'it must begin with http:// or https://')
  .transform((text) => new URL(text).origin);

/** Every setting of the agent. A variable that is not set is absent; the command line's options go before the environment. */
export const SETTINGS = {
  HEAP_URL: { what: 'The address of the heap. Kept after enrolment.', example: 'https://heap.example.org', shape: origin.optional() },
  HEAP_ENROLMENT_CODE: {
    what: 'The code that makes this device a node of the heap: once, within ten minutes of its making.',
    example: 'the code that the heap showed',
    shape: z.string().min(16, 'a code has at least 16 characters').max(128).optional(),
  },
  HEAP_AGENT_DIR: {
    what: 'Where the device key and unconfirmed results are kept. One agent per directory.',
    example: path.join(os.homedir(), '.openheaps', 'agent'),
    shape: z
      .string()
      .min(1)
      .default(path.join(os.homedir(), '.openheaps', 'agent'))
      .transform((dir) => path.resolve(dir)),
  },
  HEAP_AGENT_NAME: {
    what: "The device's name on its owner's pages.",
    example: 'attic server',
    shape: z
      .string()
      .min(1)
      .max(64)
      .default(() => os.hostname().slice(0, 64) || 'device'),
  },
  HEAP_AGENT_KIND: {
    what: `What the device is: ${NODE_KINDS.join(', ')}.`,
    example: 'laptop',
    shape: z.enum(NODE_KINDS, `it must be one of ${NODE_KINDS.join(', ')}`).default(guessKind),
  },
  HEAP_AGENT_SLOTS: {
    what: 'How many sandboxes run at a time. Half the cores unless set.',
    example: '2',
    shape: number(1, 1024).default(() => Math.max(1, Math.floor(os.availableParallelism() / 2))),
  },
  HEAP_AGENT_SLOT_CLASS: {
    what: `The size of each sandbox: ${SLOT_CLASSES.join(', ')}.`,
    example: 'micro',
    shape: z.enum(SLOT_CLASSES, `it must be one of ${SLOT_CLASSES.join(', ')}`).default('micro'),
  },
  HEAP_AGENT_RESERVE_PRICE: {
    what: 'The least that 10¹² fuel may be sold for, in the currency of the heap. The market decides unless set.',
    example: '0.0005',
    shape: price.optional(),
  },
  HEAP_AGENT_RULES: {
    what: 'When the device works until its owner has ruled otherwise: safe (on the mains, not in use, not hot, unmetered) or none (always).',
    example: 'safe',
    shape: z.enum(['safe', 'none'], 'it must be safe or none').default('safe'),
  },
  HEAP_AGENT_OWN_RULES_ONLY: {
    what: 'yes: only rules that are set on this device count, none that its owner sets at the heap. no unless set.',
    example: 'yes',
    shape: z
      .enum(['yes', 'no'], 'it must be yes or no')
      .default('no')
      .transform((text) => text === 'yes'),
  },
  HEAP_AGENT_STANDING_SLOTS: {
    what: 'Slots of that size kept for services, beside those for work. None unless set.',
    example: '1',
    shape: number(0, 1024).default(0),
  },
  HEAP_AGENT_STANDING_PRICE: {
    what: 'The least that an hour of such a slot may be sold for. The electricity of an hour unless set.',
    example: '0.02',
    shape: price.optional(),
  },
  HEAP_AGENT_STORAGE: {
    what: 'How much of the disk is for sale as storage, and as cold storage, in GB of 10⁹ bytes. None unless set.',
    example: '200 or 200,1000',
    shape: z
      .string()
      .regex(/^\d{1,6}(,\d{1,6})?$/, 'it must be GB of standard storage, or of standard and cold storage: 200 or 200,1000')
      .default('0')
      .transform((text) => text.split(',').map(Number)),
  },
  HEAP_AGENT_STORAGE_PRICE: {
    what: "The least that a GB-month of it may be sold for. The heap's own figures unless set.",
    example: '0.004',
    shape: price.optional(),
  },
  HEAP_AGENT_STORAGE_TRAFFIC: {
    what: 'At most so much of what is stored is moved over the network in a day (of UTC), both ways together, in GB of 10⁹ bytes. No limit unless set.',
    example: '20',
    shape: number(1, 999_999).optional(),
  },
  HEAP_LOG_LEVEL: {
    what: 'How much is logged.',
    example: 'info',
    shape: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'it is not a level').default('info'),
  },
  HEAP_LOG_FORMAT: {
    what: 'json for machines, pretty for people; pretty on a terminal unless set.',
    example: 'json',
    shape: z.enum(['json', 'pretty'], 'it must be json or pretty').optional(),
  },
} as const;

type Name = keyof typeof SETTINGS;
export type AgentConfig = { [N in Name]: z.output<(typeof SETTINGS)[N]['shape']> };

/** @throws HeapError `configuration` that names the first wrong setting, what is wrong and a value that works. */
export function readConfig(env: Record<string, string | undefined>): AgentConfig {
  const config: Record<string, unknown> = {};
  for (const [name, { what, example, shape }] of Object.entries(SETTINGS)) {
    const text = env[name]?.trim() || undefined;
    const parsed = shape.safeParse(text);
    if (!parsed.success) {
      const why = parsed.error.issues[0]?.message ?? 'it is not valid';
      throw new HeapError('configuration', `${name} is "${text}": ${why}. ${what} Example: ${example}`, 'owner');
    }
    config[name] = parsed.data;
  }
  return config as AgentConfig;
}
