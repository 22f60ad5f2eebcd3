import path from 'node:path';
import { HeapError } from '#units';
import { authSecret } from './auth-secret.js';
import { nearest } from './nearest.js';
import { FOREIGN_VARIABLES, SETTINGS, type SettingName, type Settings } from './settings.js';

/** Injection token of the configuration: `@Inject(CONFIG) config: Config`. */
export const CONFIG = Symbol('CONFIG');

/** What the process was told, complete: defaults filled in, the data folder absolute, the secret read or made. */
export type Config = WholeSettings & {
  readonly auth_secret: string;
  /** Payments are simulated: no provider is connected, no real money moves. */
  readonly simulated_payments: boolean;
};

/** Money that is not real is paid out at once, so that a new user sees how it goes: [simulated, real]. */
const MONEY_DEFAULTS = {
  holdback_seconds: [2, 72 * 3600],
  holdback_new_seconds: [0, 30 * 86_400],
  reserve_basis_points: [0, 1000],
} as const satisfies Partial<Record<SettingName, readonly [simulated: number, real: number]>>;

type MoneySetting = keyof typeof MONEY_DEFAULTS;
type WholeSettings = Settings & { readonly [N in MoneySetting]: number };

type Environment = Readonly<Record<string, string | undefined>>;

/** Never shown, not even in a message about a wrong one. */
const SECRET: ReadonlySet<SettingName> = new Set<SettingName>([
  'auth_secret',
  'stripe_secret_key',
  'stripe_webhook_secrets',
  'stripe_connect_webhook_secrets',
  'smtp_url',
]);

/** Whether a setting is never shown. */
export const isSecret = (name: SettingName): boolean => SECRET.has(name) || /SECRET|PASSWORD|PRIVATE|TOKEN/.test(SETTINGS[name].variable);

const names = Object.keys(SETTINGS) as SettingName[];
const variables = names.map((name) => SETTINGS[name].variable);

function unknownVariables(env: Environment): string[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith('HEAP_') && !variables.includes(variable) && !FOREIGN_VARIABLES.includes(variable))
    .map((variable) => {
      const meant = nearest(variable, variables);
      return `${variable} is not a setting of the heap: ${meant ? `did you mean ${meant}?` : 'docs/configuration.md lists them all.'}`;
    });
}

/**
 * Reads the settings and touches nothing else.
 * @throws HeapError `configuration` with one sentence for each wrong variable: its name, what is wrong, an example.
 */
export function readSettings(env: Environment): WholeSettings {
  const wrong = unknownVariables(env);
  const entries = names.map((name) => {
    const { variable, shape, example } = SETTINGS[name];
    // An empty variable is an unset one: compose files and shells write `X=` for "not given".
    const text = env[variable]?.trim() || undefined;
    const parsed = shape.safeParse(text);
    if (parsed.success) return [name, parsed.data];
    const why = text === undefined ? 'it is required' : (parsed.error.issues[0]?.message ?? 'it is not valid');
    const given = text === undefined || SECRET.has(name) ? 'is not usable' : `is "${withoutPassword(text)}"`;
    wrong.push(`${variable} ${given}: ${why}. Example: ${example}`);
    return [name, undefined];
  });
  const settings = Object.fromEntries(entries) as Settings;
  if (wrong.length === 0) wrong.push(...halfConfiguredPayments(settings));
  if (wrong.length > 0) throw new HeapError('configuration', wrong.join('\n'), 'platform');
  const of = (name: MoneySetting): number => settings[name] ?? MONEY_DEFAULTS[name][settings.stripe_secret_key === undefined ? 0 : 1];
  const whole = Object.fromEntries((Object.keys(MONEY_DEFAULTS) as MoneySetting[]).map((name) => [name, of(name)]));
  return { ...settings, ...(whole as Record<MoneySetting, number>) };
}

/** Real money needs all of its settings, and simulated money none: anything between is a mistake that would be found too late. */
function halfConfiguredPayments(settings: Settings): string[] {
  const partners = ['stripe_webhook_secrets', 'stripe_connect_webhook_secrets'] as const;
  const { stripe_secret_key, public_url } = settings;
  if (stripe_secret_key === undefined)
    return [...partners, 'stripe_api_url' as const]
      .filter((name) => (settings[name]?.length ?? 0) > 0)
      .map((name) => `${SETTINGS[name].variable} is set and STRIPE_SECRET_KEY is not: set both, or neither to simulate payments.`);
  const missing = partners
    .filter((name) => settings[name].length === 0)
    .map(
      (name) => `STRIPE_SECRET_KEY is set and ${SETTINGS[name].variable} is not: ${SETTINGS[name].what} Example: ${SETTINGS[name].example}`,
    );
  if (public_url === undefined)
    missing.push('STRIPE_SECRET_KEY is set and HEAP_PUBLIC_URL is not: payers return to it. Example: https://heap.example.org');
  return missing;
}

/** An address without the password in it. */
export const withoutPassword = (text: string) => text.replace(/(:\/\/[^:/?#]*:)[^@]*@/, '$1***@');

/**
 * The configuration of this process. Makes the data folder, and the secret in it where none is given.
 * @throws HeapError `configuration` with sentences that name the variables that are wrong.
 */
export function loadConfig(env: Environment = process.env): Config {
  const settings = readSettings(env);
  const data_dir = path.resolve(settings.data_dir);
  return {
    ...settings,
    data_dir,
    auth_secret: settings.auth_secret ?? authSecret(data_dir),
    simulated_payments: settings.stripe_secret_key === undefined,
  };
}

/** Where the heap is reached, once it listens on `port`. */
export function publicUrl(config: Config, port: number = config.port): string {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return config.public_url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
