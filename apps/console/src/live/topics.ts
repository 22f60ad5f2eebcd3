type Listener = () => void;

/** Who listens to which live topic. The socket subscribes what has listeners and tells of news. */
class Topics {
  private readonly listeners = new Map<string, Set<Listener>>();

  /** @returns ends the listening. */
  listen(topic: string, listener: Listener): () => void {
    const here = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, here.add(listener));
    return () => {
      here.delete(listener);
      if (here.size === 0) this.listeners.delete(topic);
    };
  }

  /** Something of the topic has changed. */
  tell(topic: string): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  wanted(): string[] {
    return [...this.listeners.keys()];
  }
}

export const topics = new Topics();
