import { CHROMIUM } from './browser.js';

/** Skipped by name where there is no Chromium. */
export const inChromium = CHROMIUM === null ? describe.skip : describe;
