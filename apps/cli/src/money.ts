import type { Heap } from '#sdk';
import { formatMajor, type Micro } from '#units';

/** Writes amounts with the heap's currency, and says so while no real money moves. */
export class Money {
  constructor(
    readonly currency: string,
    readonly simulated: boolean,
  ) {}

  static async of(heap: Heap): Promise<Money> {
    const { currency, simulated_payments } = await heap.info();
    return new Money(currency, simulated_payments);
  }

  /** `0.001234 USD (simulated)` */
  format(amount: Micro): string {
    return `${formatMajor(amount)} ${this.currency}${this.simulated ? ' (simulated)' : ''}`;
  }
}
