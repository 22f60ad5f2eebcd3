import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';

const STEPS = 2 ** 47;

/** Which results are checked: nobody may guess it. */
@Injectable()
export class Draws {
  /** Uniform in [0, 1). */
  next(): number {
    return randomInt(STEPS) / STEPS;
  }
}
