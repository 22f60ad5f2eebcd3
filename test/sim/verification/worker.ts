import { parentPort } from 'node:worker_threads';
import { type Run, simulate } from './grid.js';

parentPort?.on('message', (run: Run) => parentPort?.postMessage(simulate(run)));
