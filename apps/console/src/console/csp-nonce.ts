const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');

/** With it the page's own scripts may add style sheets; the broker makes a new one for each answer. */
export const cspNonce = (): string => meta?.nonce ?? '';

// What keeps the page behind a dialog from scrolling adds a style sheet of its own, and looks for the nonce by this name.
Object.assign(globalThis, { __webpack_nonce__: cspNonce() });
