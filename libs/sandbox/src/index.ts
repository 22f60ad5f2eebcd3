export { METER_ID } from './meter/meter.js';
export * from './port.js';
export { moduleKey, Runtime, type RuntimePlatform } from './runtime/runtime.js';
