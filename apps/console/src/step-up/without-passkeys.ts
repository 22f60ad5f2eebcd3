interface Place {
  /** A secure context, as browsers call https and the own machine. */
  secure: boolean;
  host: string;
  /** The browser knows passkeys. */
  able: boolean;
}

/** Why a page can use no passkeys; null where it can. Browsers allow them on https and on localhost by its name. */
export function withoutPasskeys({ secure, host, able }: Place): 'address' | 'browser' | null {
  if (!secure || /^[\d.]+$|^\[/.test(host)) return 'address';
  return able ? null : 'browser';
}
