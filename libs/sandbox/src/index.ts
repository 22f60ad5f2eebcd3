export { METER_ID } from './meter/meter.js';
export * from './port.js';
export { moduleKey } from './runtime/module-key.js';
export { Runtime, type RuntimePlatform } from './runtime/runtime.js';
export { sha256Hex } from './runtime/sha256.js';
export { describeView } from './view.js';
