import { describeClear } from './testing/clear-properties.js';

/** A slice of what the integration tests do 5,000 times. */
describeClear(60);
