import { describeClaims } from './testing/claim.js';
import { reasonClaim } from './testing/reason-properties.js';

/** Enough for every kind of reason to come up. */
describeClaims([reasonClaim()], 400, 2_009);
