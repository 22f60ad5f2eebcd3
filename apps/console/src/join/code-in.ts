/** A code as a link carries it in its fragment, if it is one. */
export const codeIn = (fragment: string): string | null => /^#([A-Za-z0-9_-]{16,128})$/.exec(fragment)?.[1] ?? null;
