/**
 * Stands in for an agent that is stopped or killed while its sandbox works: opens a slot, starts an endless task of `wall_ms` (argument), says which process runs it, and
 * what became of it. Ctrl-C is noted and otherwise ignored.
 */
import { openSlot } from '../slot.js';
import { LIMITS, wat } from './support.js';

process.on('SIGINT', () => console.log('interrupted'));
const slot = await openSlot();
const bytes = wat('(module (func (export "_start") (loop (br 0))))');
const { module_hash } = await slot.load({ kind: 'wasm', codec: 'bytes', bytes });
const limits = { ...LIMITS, fuel: 1n << 60n, wall_ms: Number(process.argv[2]) };
const running = slot.run(module_hash, { input: new Uint8Array(0) }, limits);
console.log(`running ${await slot.pid()}`);
console.log((await running).verdict);
await slot.close();
