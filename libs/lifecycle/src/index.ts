export * from './end-reasons.js';
export * from './kept-reasons.js';
export * from './money.js';
export { amountOf, duration, explainer, type Reason, type Sentences } from './reason.js';
export * from './table.js';
export * from './waiting-reasons.js';
export * from './work.js';
