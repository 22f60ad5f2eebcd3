export { FRAME_POLICY } from './frame.js';
export { type BrowserSlotOptions, openBrowserSlot } from './slot.js';
