import type { UpdateState, Updates } from '../../pwa/updates.js';

/** Versions that come when a test says so. */
export class FakeUpdates implements Updates {
  private state: UpdateState = 'none';
  private readonly listeners = new Set<() => void>();
  applied = 0;

  snapshot = () => this.state;
  subscribe = (changed: () => void) => {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  };
  apply = () => {
    this.applied++;
  };

  show(state: UpdateState) {
    this.state = state;
    for (const changed of this.listeners) changed();
  }
}
