import fc from 'fast-check';

/** A property with a name, for tests that run a slice of it and for commands that run it for long. */
export interface Claim {
  readonly name: string;
  /** On so many random instances, the same ones for the same seed. @returns how it fails, shrunk, with its seed; undefined when it holds. */
  readonly fails: (runs: number, seed: number) => string | undefined;
  /** What must be true after all of them. */
  readonly atEnd: () => void;
}

export function claim<T>(name: string, property: fc.IProperty<T>, atEnd: () => void = () => undefined): Claim {
  const fails = (numRuns: number, seed: number) => {
    const details = fc.check(property, { numRuns, seed });
    return details.failed ? fc.defaultReportMessage(details) : undefined;
  };
  return { name, fails, atEnd };
}

/** Each of them as a test on so many instances. */
export function describeClaims(claims: readonly Claim[], runs: number, seed: number): void {
  test.each(claims)('property: $name', ({ fails, atEnd }) => {
    expect(fails(runs, seed)).toBeUndefined();
    atEnd();
  });
}
