export { admitModule } from './admit.js';
export { openSlot, type SlotOptions } from './slot.js';
export { engineBytes } from './spawn.js';
export { stripTypes } from './strip-types.js';
