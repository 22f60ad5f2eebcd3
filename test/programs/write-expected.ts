import { writeFileSync } from 'node:fs';
import { conformance } from './conformance.js';

writeFileSync('test/programs/expected.json', `${JSON.stringify(conformance(), null, 2)}\n`);
