// `npm start`: a heap on this machine, with nothing but Node.js and npm. `npm start -- --demo` also runs the demo to its end.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { StartError, startHeap } from './heap.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const HELP = `npm start -- [options]
  --demo         run the demo job to its end, then stop
  --agents <n>   agents on this machine (1)
  --help         this text
Settings are environment variables: docs/configuration.md lists them.`;

function options() {
  try {
    const { values } = parseArgs({
      options: { demo: { type: 'boolean' }, agents: { type: 'string', default: '1' }, help: { type: 'boolean' } },
    });
    if (!/^\d{1,3}$/.test(values.agents)) throw new Error(`--agents is "${values.agents}": it must be a whole number`);
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

/** Lets `new Heap()` and the command `heap` find this heap without settings. */
function writeProfile(url, api_key) {
  const file = process.env.HEAP_PROFILE || path.join(os.homedir(), '.openheaps', 'profile.json');
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `${JSON.stringify({ url, api_key }, null, 2)}\n`, { mode: 0o600 });
    return file;
  } catch (error) {
    console.error(`heap: ${file} could not be written (${error.message}): set HEAP_URL and HEAP_API_KEY for the SDK and the CLI`);
    return null;
  }
}

const { demo, agents, help } = options();
if (help) {
  console.log(HELP);
  process.exit(0);
}
const data_dir = path.resolve(process.env.HEAP_DATA_DIR || path.join(root, '.data'));
let starting;
let stopping = false;
async function stop(code) {
  if (stopping) return;
  stopping = true;
  // A start under way is ended by what it has started so far; only then is nothing left behind.
  const heap = await starting?.catch(() => undefined);
  await heap?.stop();
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(signal === 'SIGINT' ? 130 : 143));

try {
  starting = startHeap({ data_dir, agents: Number(agents), log: (line) => console.log(`heap: ${line}`) });
  const heap = await starting;
  const profile = writeProfile(heap.url, heap.api_key);
  console.log(`heap: ready on ${heap.url} with ${agents} agent${agents === '1' ? '' : 's'}; data in ${data_dir}`);
  console.log(`heap: a browser joins at ${heap.url}/join; \`npx heap nodes --enrol\` makes a link and QR code for another device`);
  if (profile) console.log(`heap: the SDK and the command heap find it through ${profile}`);
  if (demo) {
    const { runDemo } = await import('./demo.mjs');
    await runDemo({ url: heap.url, api_key: heap.api_key, out_dir: path.join(data_dir, 'demo'), log: (line) => console.log(line) });
    await stop(0);
  }
} catch (error) {
  console.error(error instanceof StartError ? `heap: ${error.message.replace(/^heap: /, '')}` : error);
  await stop(1);
}
