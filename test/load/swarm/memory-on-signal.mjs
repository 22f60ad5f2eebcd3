// Loaded into a broker under measurement (NODE_OPTIONS=--import=…): at SIGWINCH it collects its garbage and writes what is left where
// BENCH_MEMORY_FILE and its process id say. What is measured then is what is held, and not when the collector happened to run.
import fs from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const file = process.env.BENCH_MEMORY_FILE;
if (file && process.argv[1]?.endsWith('broker/src/main.js')) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  let count = 0;
  process.on('SIGWINCH', () => {
    collect();
    collect();
    count += 1;
    fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify({ count, ...process.memoryUsage() }));
  });
}
