export { admitModule } from './admit.js';
export { isolation } from './isolation/host.js';
export { describeIsolation, type Isolation, type IsolationLayer, type MissingLayer } from './isolation/layers.js';
export { engineBytes, placePrograms } from './programs.js';
export { openSlot, type ProcessSlot, type SlotOptions } from './slot.js';
