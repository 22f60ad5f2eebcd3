export * from './energy.js';
export * from './id.js';
export * from './markets.js';
export * from './money.js';
export * from './problem.js';
export * from './resources.js';
export * from './view-class.js';
export * from './workload.js';
