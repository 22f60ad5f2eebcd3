import { jest } from '@jest/globals';
import { describeClear } from './testing/clear-properties.js';

/** Seconds when the machine is quiet; it rarely is. */
jest.setTimeout(300_000);
describeClear(Number(process.env.AUCTION_RUNS ?? 5_000));
