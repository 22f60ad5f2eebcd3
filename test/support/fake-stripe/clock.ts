/** Time as the fake sees it: real time and what a test has added. */
export class FakeClock {
  private added_s = 0;

  constructor(private readonly real_s: () => number = () => Math.floor(Date.now() / 1000)) {}

  now_s(): number {
    return this.real_s() + this.added_s;
  }

  advance(seconds: number): void {
    this.added_s += seconds;
  }
}
