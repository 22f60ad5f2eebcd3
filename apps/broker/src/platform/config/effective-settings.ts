import { type Config, isSecret, withoutPassword } from './config.js';
import { SETTINGS, type SettingName } from './settings.js';

export interface EffectiveSetting {
  variable: string;
  what: string;
  /** Null for a secret, and for one that has no value. */
  value: string | null;
  secret: boolean;
  source: 'environment' | 'default';
}

/** What each setting is in this process and where it comes from; of secrets only that. */
export function effectiveSettings(config: Config, env: Readonly<Record<string, string | undefined>> = process.env): EffectiveSetting[] {
  return (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const { variable, what } = SETTINGS[name];
    const secret = isSecret(name);
    return {
      variable,
      what,
      secret,
      value: secret ? null : textOf(config[name]),
      source: env[variable]?.trim() ? 'environment' : 'default',
    };
  });
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  return withoutPassword(Array.isArray(value) ? value.join(', ') : String(value));
}
