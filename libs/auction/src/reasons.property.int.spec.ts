import { describeReasons } from './testing/reason-properties.js';

describeReasons(Number(process.env.AUCTION_RUNS ?? 5_000));
