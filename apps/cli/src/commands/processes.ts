import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { Heap } from '#sdk';
import { HeapError, NODE_KINDS } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { whole } from '../options.js';

/** The installation: this file is dist/apps/cli/src/commands/processes.js below it. */
const installed = (path: string) => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url));

/** `heap dev`: the same as `npm start`. */
export function devCommand(_: Context, command: CliCommand): CliCommand {
  return command
    .description('brings up a heap on this machine with a node of its own; its flags are those of `npm start`')
    .argument('[flags...]')
    .allowUnknownOption()
    .runs((_flags: string[], _options: unknown, own: CliCommand) => become(installed('infra/local/start.mjs'), own.args));
}

/** What is said to an agent that runs; the agent's own program knows the options of each. */
const TO_THE_AGENT: Readonly<Record<string, string>> = {
  status: 'what the device does now, why, and what its sensors and rules say',
  pause: 'gives the device back at once, for a time (30m, 1h) or until `resume`',
  resume: 'ends a pause',
  rules: 'shows or changes when the device works: hours, in use, charging, battery, temperature, metered, price',
  install: 'starts the agent with your session, as a systemd user unit',
  uninstall: 'takes that unit away',
};

interface AgentOptions {
  name?: string;
  kind?: string;
  slots?: number;
  storage?: string;
  standingSlots?: number;
}

/** `heap agent <code>`: offers this device. The agent's settings are environment variables. */
export function agentCommand(context: Context, command: CliCommand): CliCommand {
  const program = installed('dist/apps/agent/src/main.js');
  for (const [name, what] of Object.entries(TO_THE_AGENT))
    command
      .command(name)
      .description(what)
      .argument('[options...]')
      .allowUnknownOption()
      .helpOption(false)
      .runs((_args: string[], _options: unknown, own: CliCommand) =>
        become(program, [name, ...own.args, ...(context.terminal.json ? ['--json'] : [])]),
      );
  return command
    .description('offers this device to a heap; the code enrols it once, later starts need none')
    .argument('[code]', 'an enrolment code of the heap')
    .option('--name <name>', 'how you call the device')
    .addOption(new Option('--kind <kind>', 'what it is').choices(NODE_KINDS))
    .option('--slots <n>', 'how many tasks at a time (default: half the cores)', whole(1, 1024))
    .option('--storage <GB>', 'how much of the disk is for sale: 200, or 200,1000 with cold storage (default: none)')
    .option('--standing-slots <n>', 'slots kept for services, beside those for work (default: none)', whole(0, 1024))
    .addHelpText('after', '\nEverything else that an agent can be told are environment variables: apps/agent/README.md lists them.')
    .runs((code: string | undefined, options: AgentOptions) => {
      const settings = {
        HEAP_URL: context.url ?? (code === undefined ? undefined : knownHeap()),
        HEAP_ENROLMENT_CODE: code,
        HEAP_AGENT_NAME: options.name,
        HEAP_AGENT_KIND: options.kind,
        HEAP_AGENT_SLOTS: options.slots?.toString(),
        HEAP_AGENT_STORAGE: options.storage,
        HEAP_AGENT_STANDING_SLOTS: options.standingSlots?.toString(),
      };
      const given = Object.entries(settings).filter(([, value]) => value !== undefined);
      return become(program, [], Object.fromEntries(given));
    });
}

/** A code without an address is one of the heap that the profile names. */
function knownHeap(): string | undefined {
  try {
    return new Heap().url;
  } catch {
    return undefined;
  }
}

/** Runs a program of the installation in our place: its streams are ours, its exit code too. */
function become(file: string, args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<number> {
  if (!existsSync(file))
    throw new HeapError('not_installed', `This installation has no ${file}: run \`npm start\` in the repository once.`, 'user');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit', env: { ...process.env, ...settings } });
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    // A terminal sends Ctrl-C to the child as well: we only have to outlive it.
    const wait = () => undefined;
    process.on('SIGTERM', forward).on('SIGINT', wait);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', wait);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
