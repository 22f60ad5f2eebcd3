import path from 'node:path';
import { HeapError } from '#units';
import { authSecret } from './auth-secret.js';
import { nearest } from './nearest.js';
import { FOREIGN_VARIABLES, SETTINGS, type SettingName, type Settings } from './settings.js';

/** Injection token of the configuration: `@Inject(CONFIG) config: Config`. */
export const CONFIG = Symbol('CONFIG');

/** What the process was told, complete: defaults filled in, the data folder absolute, the secret read or made. */
export type Config = Settings & {
  readonly auth_secret: string;
  /** Payments are simulated: no provider is connected, no real money moves. */
  readonly simulated_payments: boolean;
};

type Environment = Readonly<Record<string, string | undefined>>;

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
export function readSettings(env: Environment): Settings {
  const wrong = unknownVariables(env);
  const entries = names.map((name) => {
    const { variable, shape, example } = SETTINGS[name];
    // An empty variable is an unset one: compose files and shells write `X=` for "not given".
    const text = env[variable]?.trim() || undefined;
    const parsed = shape.safeParse(text);
    if (parsed.success) return [name, parsed.data];
    const why = text === undefined ? 'it is required' : (parsed.error.issues[0]?.message ?? 'it is not valid');
    const given = text === undefined || name === 'auth_secret' ? 'is not usable' : `is "${withoutPassword(text)}"`;
    wrong.push(`${variable} ${given}: ${why}. Example: ${example}`);
    return [name, undefined];
  });
  if (wrong.length > 0) throw new HeapError('configuration', wrong.join('\n'), 'platform');
  return Object.fromEntries(entries) as Settings;
}

const withoutPassword = (text: string) => text.replace(/(:\/\/[^:/?#]*:)[^@]*@/, '$1***@');

/**
 * The configuration of this process. Makes the data folder, and the secret in it where none is given.
 * @throws HeapError `configuration` with sentences that name the variables that are wrong.
 */
export function loadConfig(env: Environment = process.env): Config {
  const settings = readSettings(env);
  const data_dir = path.resolve(settings.data_dir);
  return { ...settings, data_dir, auth_secret: settings.auth_secret ?? authSecret(data_dir), simulated_payments: true };
}

/** Where the heap is reached, once it listens on `port`. */
export function publicUrl(config: Config, port: number = config.port): string {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return config.public_url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
