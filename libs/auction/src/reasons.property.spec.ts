import { describeReasons } from './testing/reason-properties.js';

/** With a seed, as a slice must show every kind of reason. */
describeReasons(400, 2_009);
