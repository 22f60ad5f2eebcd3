import { SETTINGS, type SettingName } from './settings.js';

const cell = (text: string) => text.replaceAll('|', '\\|');

function fallback(name: SettingName): string {
  const { otherwise, shape } = SETTINGS[name] as (typeof SETTINGS)[SettingName] & { otherwise?: string };
  if (otherwise) return otherwise;
  const value: unknown = shape.parse(undefined);
  return `\`${Array.isArray(value) ? value.join(',') : String(value)}\``;
}

/** The table in docs/configuration.md, in Markdown. */
export function configurationTable(): string {
  const rows = (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const { variable, what, example } = SETTINGS[name];
    return `| \`${variable}\` | ${cell(what)} | ${cell(fallback(name))} | ${example.includes('`') ? cell(example) : `\`${cell(example)}\``} |`;
  });
  return ['| Variable | What it is for | Without it | Example |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
