import { fault } from '../errno.js';

/** What is left of a task's scratch directory. */
export class Quota {
  constructor(
    private bytes_left: number,
    private names_left: number,
  ) {}

  takeBytes(count: number): void {
    if (count > this.bytes_left) fault('nospc');
    this.bytes_left -= count;
  }

  giveBytes(count: number): void {
    this.bytes_left += count;
  }

  takeName(): void {
    if (this.names_left < 1) fault('nospc');
    this.names_left -= 1;
  }

  giveName(): void {
    this.names_left += 1;
  }
}
