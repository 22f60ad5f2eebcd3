/** What a request carried: `a[b][0]=c` of a form, or JSON, as nested values; a form's leaves are strings. */
export type Params = { readonly [name: string]: unknown };

/** The nested value that a form-encoded text stands for, as Stripe's v1 interface reads it. */
export function parseForm(text: string): Params {
  const root: Record<string, unknown> = {};
  for (const [path, value] of new URLSearchParams(text)) {
    const names = path.replaceAll(']', '').split('[');
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[names.at(-1) ?? ''] = value;
  }
  return lists(root) as Params;
}

/** Members named 0, 1, 2, … or by nothing are a list. */
function lists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, lists(member)] as const);
  if (entries.length > 0 && entries.every(([name]) => /^\d*$/.test(name))) return entries.map(([, member]) => member);
  return Object.fromEntries(entries);
}

export const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
export const whole = (value: unknown): number => Number(value);
export const object = (value: unknown): Params => (typeof value === 'object' && value !== null ? (value as Params) : {});
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const metadata = (value: unknown): Record<string, string> => ({ ...(object(value) as Record<string, string>) });
