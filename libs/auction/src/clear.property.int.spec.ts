import { describeClear } from './testing/clear-properties.js';

describeClear(Number(process.env.AUCTION_RUNS ?? 5_000));
