import { z } from 'zod';
import { isNetwork } from '../http/network-address.js';

/** Parts of the broker that a process may run; all of them by default. */
export const ROLES = ['api', 'gateway', 'market', 'worker'] as const;
export type ProcessRole = (typeof ROLES)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

interface Setting<T extends z.ZodType> {
  variable: string;
  /** What it is for, in a sentence of the documentation. */
  what: string;
  /** A value that works, for the message about one that does not. */
  example: string;
  /** Said in the documentation where there is no fixed default. */
  otherwise?: string;
  /** Parses the text of the variable; `undefined` when it is not set. */
  shape: T;
}

const setting = <T extends z.ZodType>(definition: Setting<T>): Setting<T> => definition;

const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'it must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `it must be at least ${min}`).max(max, `it must be at most ${max}`))
    .default(fallback);

/** Without it the default depends on whether payments are simulated: `loadConfig` fills it in. */
const eitherDefault = (min: number, max: number) => wholeNumber(min, max, min).unwrap().optional();

const address = (protocols: string[]) => {
  const sentence = `it must be an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`;
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), sentence);
};

/** Secrets joined by commas: while one is replaced, the old and the new one are both good. */
const secrets = z
  .string()
  .transform((text) => text.split(',').map((secret) => secret.trim()))
  .pipe(z.array(z.string().regex(/^whsec_\S+$/, 'each of its words must begin with whsec_')).min(1))
  .default([]);

const networks = z
  .string()
  .transform((text) => text.split(',').map((network) => network.trim()))
  .pipe(z.array(z.string().refine(isNetwork, 'each of its words must be an IP address or a network such as 10.0.0.0/8')).min(1))
  .default([]);

const roles = z
  .string()
  .transform((text) => text.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(ROLES, `each of its words must be one of ${ROLES.join(', ')}`)).min(1))
  .transform((list): readonly ProcessRole[] => [...new Set(list)])
  .default(ROLES);

/** Every setting of the broker. The type `Config`, its parser and docs/configuration.md are made of this table. */
export const SETTINGS = {
  database_url: setting({
    variable: 'DATABASE_URL',
    what: 'The PostgreSQL database that holds everything. `npm start` sets it to the embedded one.',
    example: 'postgresql://heap:secret@127.0.0.1:5432/heap',
    otherwise: 'required',
    shape: address(['postgresql:', 'postgres:']),
  }),
  redis_url: setting({
    variable: 'REDIS_URL',
    what: 'A Redis server for the queues. Without it they run on PostgreSQL.',
    example: 'redis://127.0.0.1:6379',
    otherwise: 'PostgreSQL is used',
    shape: address(['redis:', 'rediss:']).optional(),
  }),
  host: setting({
    variable: 'HEAP_HOST',
    what: 'The address to listen on. 127.0.0.1 keeps the heap to this machine, 0.0.0.0 opens it to the network.',
    example: '0.0.0.0',
    shape: z.string().min(1, 'it must not be empty').max(255).default('127.0.0.1'),
  }),
  port: setting({
    variable: 'HEAP_PORT',
    what: 'The port to listen on; 0 takes a free one.',
    example: '7400',
    shape: wholeNumber(0, 65_535, 7400),
  }),
  public_url: setting({
    variable: 'HEAP_PUBLIC_URL',
    what: 'The address under which people and nodes reach the heap. With https the session cookie is marked Secure.',
    example: 'https://heap.example.org',
    otherwise: 'http:// with host and port',
    shape: address(['http:', 'https:'])
      .refine((text) => new URL(text).pathname === '/', 'it must have no path')
      .transform((text) => new URL(text).origin)
      .optional(),
  }),
  trusted_proxies: setting({
    variable: 'HEAP_TRUSTED_PROXIES',
    what: 'Networks or addresses of the balancers in front of the heap, joined by commas. Whoever connects from there is known by the address in X-Forwarded-For; of everybody else that header is ignored.',
    example: '10.0.0.0/8,192.0.2.7',
    otherwise: 'none',
    shape: networks,
  }),
  name: setting({
    variable: 'HEAP_NAME',
    what: 'What the heap calls itself.',
    example: 'Library heap',
    shape: z.string().trim().min(1, 'it must not be empty').max(64, 'it must have at most 64 characters').default('Open Heap'),
  }),
  roles: setting({
    variable: 'HEAP_ROLES',
    what: 'The parts this process runs, joined by commas.',
    example: 'api,gateway',
    shape: roles,
  }),
  gateway_name: setting({
    variable: 'HEAP_GATEWAY_NAME',
    what: 'The name of this gateway, its own among all that share the database: a restarted one takes the place of its predecessor.',
    example: 'gateway-1',
    otherwise: 'the name of the machine with the port',
    shape: z.string().trim().min(1, 'it must not be empty').max(128, 'it must have at most 128 characters').optional(),
  }),
  drain_ms: setting({
    variable: 'HEAP_DRAIN_MS',
    what: 'How long a gateway that is told to stop lets its nodes work on while they move to others, each at a time of its own.',
    example: '10000',
    shape: wholeNumber(0, 600_000, 1_000),
  }),
  data_dir: setting({
    variable: 'HEAP_DATA_DIR',
    what: 'The folder for blobs and for secrets the heap makes itself.',
    example: '/var/lib/open-heaps',
    shape: z.string().min(1, 'it must not be empty').default('.data'),
  }),
  currency: setting({
    variable: 'HEAP_CURRENCY',
    what: 'The currency of every amount, by its three letters in ISO 4217.',
    example: 'EUR',
    shape: z
      .string()
      .regex(/^[A-Z]{3}$/, 'it must be three capital letters')
      .default('USD'),
  }),
  fee_basis_points: setting({
    variable: 'HEAP_FEE_BASIS_POINTS',
    what: "The heap's part of every charge, in hundredths of a per cent.",
    example: '1000',
    shape: wholeNumber(0, 10_000, 1000),
  }),
  holdback_seconds: setting({
    variable: 'HEAP_HOLDBACK_SECONDS',
    what: 'How long work can be objected to and proven wrong before its owner is paid.',
    example: '86400',
    otherwise: '2 while payments are simulated, 259200 (72 hours) with real ones',
    shape: eitherDefault(0, 90 * 86_400),
  }),
  holdback_new_seconds: setting({
    variable: 'HEAP_HOLDBACK_NEW_SECONDS',
    what: 'How long earnings are held at least while the payer or the owner is new.',
    example: '1209600',
    otherwise: '0 while payments are simulated, 2592000 (30 days) with real ones',
    shape: eitherDefault(0, 180 * 86_400),
  }),
  reference_price_micro: setting({
    variable: 'HEAP_REFERENCE_PRICE_MICRO',
    what: 'What the heap books for a million million fuel of its own runs, which check results.',
    example: '50',
    shape: wholeNumber(0, 1_000_000_000, 50),
  }),
  verifier_price_micro: setting({
    variable: 'HEAP_VERIFIER_PRICE_MICRO',
    what: 'What a developer pays for a million million fuel of a verifier of their own, which the heap runs on results at level L0.',
    example: '100',
    shape: wholeNumber(0, 1_000_000_000, 100),
  }),
  reference_fuel_per_day: setting({
    variable: 'HEAP_REFERENCE_FUEL_PER_DAY',
    what: "How much fuel the heap's own runs may burn in a day of UTC. Beyond it drawn checks wait for the next day, and their results stay provisional; appeals, objections and results that differ are still decided. 0 is no bound.",
    example: '50000000000000',
    shape: wholeNumber(0, Number.MAX_SAFE_INTEGER, 20_000_000_000_000),
  }),
  new_payer_days: setting({
    variable: 'HEAP_NEW_PAYER_DAYS',
    what: "For how many days after the first deposit that arrived a payer is new: a card's owner may object for weeks.",
    example: '60',
    shape: wholeNumber(0, 3650, 30),
  }),
  new_owner_days: setting({
    variable: 'HEAP_NEW_OWNER_DAYS',
    what: 'For how many days after the first earning an owner is new.',
    example: '14',
    shape: wholeNumber(0, 3650, 30),
  }),
  reserve_basis_points: setting({
    variable: 'HEAP_RESERVE_BASIS_POINTS',
    what: 'The part of an earning that stays in reserve during the first days of an owner, in hundredths of a per cent.',
    example: '500',
    otherwise: '0 while payments are simulated, 1000 (10 %) with real ones',
    shape: eitherDefault(0, 10_000),
  }),
  reserve_days: setting({
    variable: 'HEAP_RESERVE_DAYS',
    what: "How many days after an owner's first earning the reserve is filled; then it is released.",
    example: '60',
    shape: wholeNumber(0, 3650, 90),
  }),
  objection_days: setting({
    variable: 'HEAP_OBJECTION_DAYS',
    what: 'Within how many days an objection is decided; after that the work counts as accepted.',
    example: '14',
    shape: wholeNumber(1, 365, 30),
  }),
  stripe_secret_key: setting({
    variable: 'STRIPE_SECRET_KEY',
    what: 'The secret key of the Stripe account through which money comes and goes. Without it payments are simulated.',
    example: 'sk_test_…',
    otherwise: 'payments are simulated',
    shape: z
      .string()
      .regex(/^(sk|rk)_(test|live)_\S+$/, 'it must begin with sk_test_, sk_live_, rk_test_ or rk_live_')
      .optional(),
  }),
  stripe_webhook_secrets: setting({
    variable: 'STRIPE_WEBHOOK_SECRETS',
    what: 'Signing secrets of the webhook endpoint for your own account, `/v1/webhooks/stripe/platform`, joined by commas.',
    example: 'whsec_…',
    otherwise: 'required with `STRIPE_SECRET_KEY`',
    shape: secrets,
  }),
  stripe_connect_webhook_secrets: setting({
    variable: 'STRIPE_CONNECT_WEBHOOK_SECRETS',
    what: 'Signing secrets of the webhook endpoint for connected accounts, `/v1/webhooks/stripe/connect`, joined by commas.',
    example: 'whsec_…',
    otherwise: 'required with `STRIPE_SECRET_KEY`',
    shape: secrets,
  }),
  stripe_api_url: setting({
    variable: 'STRIPE_API_URL',
    what: "Where Stripe's interface is reached: for tests, an address of this machine.",
    example: 'http://127.0.0.1:12111',
    otherwise: "Stripe's own",
    shape: address(['http:', 'https:']).optional(),
  }),
  stripe_timeout_ms: setting({
    variable: 'STRIPE_TIMEOUT_MS',
    what: 'How long Stripe may take to answer. What takes longer has an unknown outcome, and is asked again with the same key.',
    example: '20000',
    shape: wholeNumber(50, 120_000, 20_000),
  }),
  payout_minimum_micro: setting({
    variable: 'HEAP_PAYOUT_MINIMUM_MICRO',
    what: 'The least that is paid out at once, in millionths of the currency.',
    example: '5000000',
    shape: wholeNumber(1, 1_000_000_000_000, 1_000_000),
  }),
  payout_cool_down_seconds: setting({
    variable: 'HEAP_PAYOUT_COOL_DOWN_SECONDS',
    what: 'How long payouts wait after the bank account, the password or the address of an owner changed.',
    example: '86400',
    shape: wholeNumber(0, 90 * 86_400, 72 * 3600),
  }),
  step_up_minutes: setting({
    variable: 'HEAP_STEP_UP_MINUTES',
    what: 'For how long after a sign-in payouts, payout terms and bank accounts need no password again.',
    example: '5',
    shape: wholeNumber(0, 1440, 10),
  }),
  payouts_per_day: setting({
    variable: 'HEAP_PAYOUTS_PER_DAY',
    what: 'How many payouts one owner, with everybody linked to them, may ask for in 24 hours.',
    example: '3',
    shape: wholeNumber(1, 1_000, 3),
  }),
  payout_daily_limit_micro: setting({
    variable: 'HEAP_PAYOUT_DAILY_LIMIT_MICRO',
    what: 'The most one owner, with everybody linked to them, is paid in 24 hours, in millionths of the currency.',
    example: '500000000',
    shape: wholeNumber(1, 1_000_000_000_000_000 - 1, 1_000_000_000),
  }),
  issuer_name: setting({
    variable: 'HEAP_ISSUER_NAME',
    what: 'Who issues statements and invoices: the name of the operator.',
    example: 'Example Heap Ltd.',
    shape: z.string().max(200).default('Open Heaps'),
  }),
  issuer_address: setting({
    variable: 'HEAP_ISSUER_ADDRESS',
    what: "The operator's address on statements; lines are joined by \\n.",
    example: '1 Example Street\\n10115 Berlin',
    otherwise: 'none',
    shape: z
      .string()
      .max(1000)
      .transform((text) => text.replaceAll('\\n', '\n'))
      .default(''),
  }),
  issuer_tax_id: setting({
    variable: 'HEAP_ISSUER_TAX_ID',
    what: "The operator's tax id on statements.",
    example: 'DE123456789',
    otherwise: 'none',
    shape: z.string().max(64).default(''),
  }),
  tax_basis_points: setting({
    variable: 'HEAP_TAX_BASIS_POINTS',
    what: 'The rate of the tax that charges and earnings contain, in hundredths of a per cent; statements show it.',
    example: '1900',
    shape: wholeNumber(0, 10_000, 0),
  }),
  tax_note: setting({
    variable: 'HEAP_TAX_NOTE',
    what: 'A sentence about tax at the end of each statement, for instance that the recipient owes it.',
    example: 'Reverse charge: the recipient owes the tax.',
    otherwise: 'none',
    shape: z.string().max(500).default(''),
  }),
  invoice_prefix: setting({
    variable: 'HEAP_INVOICE_PREFIX',
    what: 'What the numbers of statements begin with; a year and a number without gaps follow.',
    example: 'OH-',
    shape: z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,20}$/, 'it must have at most 20 letters, digits, dots, - and _')
      .default('OH-'),
  }),
  smtp_url: setting({
    variable: 'SMTP_URL',
    what: 'The mail server that e-mails are sent through. A heap on loopback with simulated payments needs none: it keeps what it would send and shows it at `/dev/mail`.',
    example: 'smtps://heap:secret@mail.example.org',
    otherwise: 'kept at `/dev/mail` by a heap on loopback with simulated payments, none sent by others',
    shape: address(['smtp:', 'smtps:']).optional(),
  }),
  mail_from: setting({
    variable: 'HEAP_MAIL_FROM',
    what: 'The address that e-mails come from.',
    example: 'Library heap <heap@example.org>',
    otherwise: 'heap@ with the host of the public address',
    shape: z
      .string()
      .max(320)
      .regex(/^([^<>\r\n]*<)?[^\s@<>]+@[^\s@<>]+>?$/, 'it must be an address such as heap@example.org')
      .optional(),
  }),
  outward_allowed: setting({
    variable: 'HEAP_OUTWARD_ALLOWED',
    what: 'Networks or addresses that webhooks and web push may reach though they are not public, joined by commas, also without https: for development and tests.',
    example: '127.0.0.1',
    otherwise: 'none',
    shape: networks,
  }),
  log_level: setting({
    variable: 'HEAP_LOG_LEVEL',
    what: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    example: 'debug',
    shape: z.enum(LOG_LEVELS, `it must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  }),
  auth_secret: setting({
    variable: 'HEAP_AUTH_SECRET',
    what: 'Signs session cookies. Processes that share a database must share it.',
    example: '64 random characters, from `openssl rand -hex 32`',
    otherwise: 'made at the first start and kept in the data folder',
    shape: z.string().min(32, 'it must have at least 32 characters').optional(),
  }),
  session_days: setting({
    variable: 'HEAP_SESSION_DAYS',
    what: 'Days until an unused sign-in ends.',
    example: '7',
    shape: wholeNumber(1, 365, 7),
  }),
  sign_in_attempts_per_minute: setting({
    variable: 'HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE',
    what: 'How often one network address may try to sign in, sign up or change a password in a minute.',
    example: '20',
    shape: wholeNumber(1, 100_000, 20),
  }),
  round_interval_ms: setting({
    variable: 'HEAP_ROUND_INTERVAL_MS',
    what: 'Time between two rounds of a market.',
    example: '250',
    shape: wholeNumber(10, 60_000, 250),
  }),
  lease_term_ms: setting({
    variable: 'HEAP_LEASE_TERM_MS',
    what: 'The longest term of a lease; terms of a market end together, at whole sixths of this time.',
    example: '60000',
    shape: wholeNumber(1000, 86_400_000, 60_000),
  }),
  lease_fuel_quota: setting({
    variable: 'HEAP_LEASE_FUEL_QUOTA',
    what: 'A term ends early when so much fuel was charged in it; 0 sets no quota.',
    example: '100000000000000',
    shape: wholeNumber(0, 999_999_999_999_999, 0),
  }),
  standing_term_ms: setting({
    variable: 'HEAP_STANDING_TERM_MS',
    what: 'How long a standing slot is leased at one price before the market decides about it again.',
    example: '3600000',
    shape: wholeNumber(60_000, 2_678_400_000, 3_600_000),
  }),
  storage_term_ms: setting({
    variable: 'HEAP_STORAGE_TERM_MS',
    what: 'The same for storage: 31 days.',
    example: '2678400000',
    shape: wholeNumber(60_000, 31_622_400_000, 2_678_400_000),
  }),
  standing_fuel_per_hour: setting({
    variable: 'HEAP_STANDING_FUEL_PER_HOUR',
    what: 'The fuel that the price of a slot-hour includes.',
    example: '1000000000000',
    shape: wholeNumber(0, 999_999_999_999_999, 1_000_000_000_000),
  }),
  kept_charge_seconds: setting({
    variable: 'HEAP_KEPT_CHARGE_SECONDS',
    what: 'How often what standing slots and storage cost is charged, in a batch.',
    example: '60',
    shape: wholeNumber(1, 86_400, 60),
  }),
  storage_standard_micro: setting({
    variable: 'HEAP_STORAGE_STANDARD_MICRO',
    what: 'What a GB-month of standard storage costs at least where its owner names no price, in millionths of the currency.',
    example: '4000',
    shape: wholeNumber(1, 1_000_000_000, 4_000),
  }),
  storage_cold_micro: setting({
    variable: 'HEAP_STORAGE_COLD_MICRO',
    what: 'The same for cold storage.',
    example: '2000',
    shape: wholeNumber(1, 1_000_000_000, 2_000),
  }),
  relay_bytes: setting({
    variable: 'HEAP_RELAY_BYTES',
    what: 'How many bytes of pieces of volumes may lie in the data folder on their way between clients and devices. Beyond it, nothing more is read until there is room.',
    example: '1073741824',
    shape: wholeNumber(16_777_216, 999_999_999_999_999, 1_073_741_824),
  }),
  relay_wait_ms: setting({
    variable: 'HEAP_RELAY_WAIT_MS',
    what: 'How long a client who brings a piece waits for room before it is sent away to try again.',
    example: '5000',
    shape: wholeNumber(0, 20_000, 5_000),
  }),
  held_bytes: setting({
    variable: 'HEAP_HELD_BYTES',
    what: 'How many bytes of ciphertext of volumes of the class small the heap keeps itself.',
    example: '10737418240',
    shape: wholeNumber(0, 999_999_999_999_999, 10_737_418_240),
  }),
  piece_transfer_ms: setting({
    variable: 'HEAP_PIECE_TRANSFER_MS',
    what: 'How long a device may take to fetch a piece or to bring one.',
    example: '60000',
    shape: wholeNumber(1_000, 3_600_000, 60_000),
  }),
  audit_seconds: setting({
    variable: 'HEAP_AUDIT_SECONDS',
    what: 'Within how long each piece of a volume proves that it is there.',
    example: '172800',
    shape: wholeNumber(1, 604_800, 172_800),
  }),
  audit_answer_ms: setting({
    variable: 'HEAP_AUDIT_ANSWER_MS',
    what: 'How long a device may take to answer an audit.',
    example: '60000',
    shape: wholeNumber(100, 3_600_000, 60_000),
  }),
  piece_missing_seconds: setting({
    variable: 'HEAP_PIECE_MISSING_SECONDS',
    what: 'After how long without its device a piece counts as missing and is made anew: 72 hours.',
    example: '259200',
    shape: wholeNumber(1, 2_000_000, 259_200),
  }),
  piece_return_seconds: setting({
    variable: 'HEAP_PIECE_RETURN_SECONDS',
    what: 'Within how long a missing piece that returns is taken back where it is still needed: 14 days.',
    example: '1209600',
    shape: wholeNumber(1, 2_000_000, 1_209_600),
  }),
  repair_bytes_per_day: setting({
    variable: 'HEAP_REPAIR_BYTES_PER_DAY',
    what: 'How many bytes of pieces repair may move in a day of UTC; 0 sets no bound. An alert says when it is used up and segments wait.',
    example: '200000000000',
    shape: wholeNumber(0, 999_999_999_999_999, 200_000_000_000),
  }),
  repairs_at_once: setting({
    variable: 'HEAP_REPAIRS_AT_ONCE',
    what: 'How many segments of volumes a process repairs at a time. Each takes up to 70 MB of memory while it does.',
    example: '3',
    shape: wholeNumber(1, 64, 3),
  }),
  volume_grace_hours: setting({
    variable: 'HEAP_VOLUME_GRACE_HOURS',
    what: 'How long a volume that nobody renewed can be read before its files are deleted; its budget has that in it.',
    example: '168',
    shape: wholeNumber(0, 720, 168),
  }),
  volumes_look_ms: setting({
    variable: 'HEAP_VOLUMES_LOOK_MS',
    what: 'How often is looked for pieces that must be placed, sent, audited, repaired or deleted.',
    example: '2000',
    shape: wholeNumber(50, 600_000, 2_000),
  }),
  max_disconnect_ms: setting({
    variable: 'HEAP_MAX_DISCONNECT_MS',
    what: 'How long a node may be away before its leases end.',
    example: '60000',
    shape: wholeNumber(0, 86_400_000, 60_000),
  }),
  database_pool: setting({
    variable: 'HEAP_DATABASE_POOL',
    what: 'The most connections to PostgreSQL this process opens for its own work.',
    example: '16',
    shape: wholeNumber(4, 500, 16),
  }),
  queue_pool: setting({
    variable: 'HEAP_QUEUE_POOL',
    what: 'The most connections to PostgreSQL each queue and each of its workers opens.',
    example: '2',
    shape: wholeNumber(1, 50, 2),
  }),
  request_timeout_ms: setting({
    variable: 'HEAP_REQUEST_TIMEOUT_MS',
    what: 'How long a client may take to send a request.',
    example: '30000',
    shape: wholeNumber(1000, 600_000, 30_000),
  }),
  caller_requests_per_minute: setting({
    variable: 'HEAP_CALLER_REQUESTS_PER_MINUTE',
    what: 'Requests a person, node or anonymous address may make in a minute.',
    example: '12000',
    shape: wholeNumber(1, 10_000_000, 12_000),
  }),
  address_requests_per_minute: setting({
    variable: 'HEAP_ADDRESS_REQUESTS_PER_MINUTE',
    what: 'Requests one network address may make in a minute, whoever is behind it.',
    example: '120000',
    shape: wholeNumber(1, 100_000_000, 120_000),
  }),
  account_blob_bytes: setting({
    variable: 'HEAP_ACCOUNT_BLOB_BYTES',
    what: 'How many bytes of modules, input files and large inputs one account may keep here.',
    example: '17179869184',
    shape: wholeNumber(0, 999_999_999_999_999, 17_179_869_184),
  }),
  check_responses: setting({
    variable: 'HEAP_CHECK_RESPONSES',
    what: 'Compare every answer with its documented shape and fail on a difference: for tests.',
    example: 'true',
    shape: z
      .enum(['true', 'false'], 'it must be true or false')
      .transform((text) => text === 'true')
      .default(false),
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type Settings = { readonly [N in SettingName]: z.output<(typeof SETTINGS)[N]['shape']> };

/** Read by other programs of the product (SDK, CLI, agent); the broker ignores them. */
export const FOREIGN_VARIABLES: readonly string[] = ['HEAP_PROFILE', 'HEAP_URL', 'HEAP_API_KEY'];
