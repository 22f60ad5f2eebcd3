/** `waiting`: a new version is here and has not started; `done`: this is the first load of one. */
export type UpdateState = 'none' | 'waiting' | 'done';

export interface Updates {
  snapshot(): UpdateState;
  subscribe(changed: () => void): () => void;
  /** Starts the version that waits and loads the page anew. */
  apply(): void;
}
