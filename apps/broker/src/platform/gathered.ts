interface Want<Item, Answer> {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

interface GatheredOptions<Item, Answer> {
  /** Answers of the same order as its items. Two items of one key never come together, so that each finds what the one before it did. */
  serve: (items: readonly Item[]) => Promise<readonly Answer[]>;
  key: (item: Item) => string;
  /** What one call takes at most. */
  most: number;
}

/** PostgreSQL's classes for values that it does not take and for constraints that they violate. */
const isOfAValue = (error: unknown): boolean => /^2[23]/.test(String((error as { code?: unknown } | null)?.code ?? ''));

/**
 * What many ask for at the same time becomes one call: while one is under way the next gathers, in the order of asking. If a call for
 * several fails for a value of one of them, each is tried alone, so that it fails nobody else.
 */
export class Gathered<Item, Answer> {
  private waiting: Want<Item, Answer>[] = [];
  private working = false;

  constructor(private readonly options: GatheredOptions<Item, Answer>) {}

  ask(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.working) return;
      this.working = true;
      // After everything that this turn of the event loop has read.
      setImmediate(() => void this.work());
    });
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) await this.together(this.take());
    this.working = false;
  }

  private take(): Want<Item, Answer>[] {
    const keys = new Set<string>();
    let count = 0;
    while (count < this.waiting.length && count < this.options.most) {
      const key = this.options.key((this.waiting[count] as Want<Item, Answer>).item);
      if (keys.has(key)) break;
      keys.add(key);
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async together(wants: readonly Want<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.options.serve(wants.map(({ item }) => item));
      for (const [i, { resolve }] of wants.entries()) resolve(answers[i] as Answer);
    } catch (error) {
      if (wants.length > 1 && isOfAValue(error)) for (const want of wants) await this.together([want]);
      else for (const { reject } of wants) reject(error);
    }
  }
}
