const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');

/** With it the page's own scripts may add style sheets; the broker makes a new one for each answer. */
export const cspNonce = (): string => meta?.nonce ?? '';
