import { jest } from '@jest/globals';
import { describeReasons } from './testing/reason-properties.js';

/** Seconds when the machine is quiet; it rarely is. */
jest.setTimeout(300_000);
describeReasons(Number(process.env.AUCTION_RUNS ?? 5_000));
