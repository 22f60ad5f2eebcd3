import { HeapError } from '#units';

/** What a page keeps: small things by name, finished results, and their large outputs. */
const STORES = ['settings', 'results', 'outputs'] as const;
/** In a database of its own: what it knows of pieces of volumes, the digests of their leaves, themselves where they are no files, and notes. */
export const PIECE_STORES = ['pieces', 'leaves', 'contents', 'notes'] as const;
export type Store = (typeof STORES | typeof PIECE_STORES)[number];
const VERSION = 1;

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser gave no reason'));
  });

/** A browser that is just clearing the page's storage closes what is opened meanwhile. */
async function opened(name: string, stores: readonly Store[]): Promise<IDBDatabase> {
  for (let tries = 0; ; tries++) {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      for (const store of stores) request.result.createObjectStore(store);
    };
    try {
      return await settled(request);
    } catch (error) {
      if ((error as DOMException).name !== 'AbortError' || tries === TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }
}
const TRIES_MAX = 20;
const TRY_EVERY_MS = 100;

/** IndexedDB with promises, and a word when the browser takes it away. */
export class AgentDatabase {
  /** Its owner has cleared the page's storage, or the browser has. */
  onGone: () => void = () => {};

  private constructor(
    private readonly database: IDBDatabase,
    private readonly stores: readonly Store[],
  ) {
    database.onclose = () => this.onGone();
    database.onversionchange = () => {
      database.close();
      this.onGone();
    };
  }

  /** @throws HeapError `no_storage`. */
  static async open(name: string, stores: readonly Store[] = STORES): Promise<AgentDatabase> {
    try {
      return new AgentDatabase(await opened(name, stores), stores);
    } catch (error) {
      throw new HeapError(
        'no_storage',
        `This browser lets the page keep nothing (${String(error)}). Leave the private window, or allow this site to store data.`,
        'owner',
      );
    }
  }

  get(store: Store, key: string): Promise<unknown> {
    return settled(this.database.transaction(store).objectStore(store).get(key));
  }

  all(store: Store): Promise<unknown[]> {
    return settled(this.database.transaction(store).objectStore(store).getAll());
  }

  keys(store: Store): Promise<string[]> {
    return settled(this.database.transaction(store).objectStore(store).getAllKeys()) as Promise<string[]>;
  }

  /** All of it is on disk when this resolves, or none of it is. */
  write(stores: readonly Store[], change: (of: (store: Store) => IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(stores, 'readwrite', { durability: 'strict' });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser gave no reason'));
      change((store) => transaction.objectStore(store));
    });
  }

  put(store: Store, key: string, value: unknown): Promise<void> {
    return this.write([store], (of) => of(store).put(value, key));
  }

  async clear(): Promise<void> {
    await this.write(this.stores, (of) => {
      for (const store of this.stores) of(store).clear();
    });
  }

  close(): void {
    this.onGone = () => {};
    this.database.close();
  }
}
