export * from './agent.js';
export { type Bounds, DEFAULT_BOUNDS } from './bounds.js';
export * from './ports.js';
export type { Standing } from './rules.js';
export type { Work } from './runner.js';
export type { SessionStatus } from './session.js';
