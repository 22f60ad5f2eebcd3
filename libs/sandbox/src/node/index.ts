export { admitModule } from './admit.js';
export { openSlot, type SlotOptions } from './slot.js';
