import { describeClaims } from './testing/claim.js';
import { clearClaims } from './testing/clear-properties.js';

/** A fixed slice of what `npm run test:auction` does 5,000 times. */
describeClaims(clearClaims, 150, 2_009);
