import { Amount } from '../ui/amount.js';

/** An amount as the heap sends it: a string of millionths, which may be negative. */
export function Money({ micro, currency }: { micro: string | bigint; currency: string }) {
  const value = BigInt(micro);
  if (value >= 0n) return <Amount micro={value} currency={currency} />;
  return (
    <span>
      −<Amount micro={-value} currency={currency} />
    </span>
  );
}
