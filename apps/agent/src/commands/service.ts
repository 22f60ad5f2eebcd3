import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { HeapError } from '#units';
import { readConfig, SETTINGS } from '../config.js';
import { readMembership } from '../membership.js';

const NAME = 'openheaps-agent.service';

/** What a service manager is to this program; tests bring their own. */
export interface System {
  platform: NodeJS.Platform;
  /** systemd makes this folder when it is what started the system (sd_booted(3)). */
  booted: string;
  config_home: string;
  systemctl(...args: string[]): void;
}

export const thisSystem = (): System => ({
  platform: process.platform,
  booted: '/run/systemd/system',
  config_home: process.env.XDG_CONFIG_HOME ?? path.join(os.homedir(), '.config'),
  systemctl: (...args) => {
    execFileSync('systemctl', ['--user', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  },
});

/** One word of a command line as systemd reads it (systemd.service(5), systemd.unit(5) on `%`). */
const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('%', '%%')}"`;
const word = (text: string) => quoted(text).replaceAll('$', '$$$$');

/** A code is for once, the folder is on the command line, and a service's log is JSON. */
const NOT_KEPT = ['HEAP_ENROLMENT_CODE', 'HEAP_AGENT_DIR', 'HEAP_LOG_FORMAT'];

/** The settings of this agent that are given by the environment of `install`: the service has another. */
export const keptSettings = (env: Record<string, string | undefined>): string[] =>
  Object.keys(SETTINGS).flatMap((name) => (env[name]?.trim() && !NOT_KEPT.includes(name) ? [`${name}=${env[name]?.trim()}`] : []));

/** @param command the program and its arguments. @param settings `NAME=value`. */
export const unitText = (command: readonly string[], settings: readonly string[] = []): string => `[Unit]
Description=Open Heaps agent: sells the idle capacity of this device
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${command.map(word).join(' ')}
${['HEAP_LOG_FORMAT=json', ...settings].map((setting) => `Environment=${quoted(setting)}`).join('\n')}
Restart=on-failure
RestartSec=30
# The agent gives back and delivers within two seconds.
TimeoutStopSec=10
KillMode=mixed
# A control group for each sandbox.
Delegate=yes
Nice=5
UMask=0077

[Install]
WantedBy=default.target
`;

/** @throws HeapError `service_manager_failed`: as where nobody is signed in, so that systemd has no manager for this user. */
function ask({ systemctl }: System, ...args: string[]): void {
  try {
    systemctl(...args);
  } catch {
    throw new HeapError(
      'service_manager_failed',
      `systemctl --user ${args.join(' ')} failed; what it says is above. If it finds no bus, run \`loginctl enable-linger\` and sign in as this user yourself (not by su or sudo), then try again.`,
      'owner',
    );
  }
}

const unitFile = ({ config_home }: System) => path.join(config_home, 'systemd', 'user', NAME);

/** @throws HeapError `no_systemd`, with what to do instead. */
function needSystemd({ platform, booted }: System): void {
  if (platform === 'linux' && fs.existsSync(booted)) return;
  throw new HeapError(
    'no_systemd',
    'This system does not run systemd, so that the agent cannot be installed as its service. Start it with `heap agent` from what your system starts by itself.',
    'owner',
  );
}

export function install(
  system: System,
  dir: string,
  command: readonly string[],
  settings: readonly string[] = [],
): { file: string; unit: string } {
  needSystemd(system);
  if (readMembership(dir) === null)
    throw new HeapError(
      'not_enrolled',
      `The device of ${dir} belongs to no heap yet: start the agent once with a code, then install it.`,
      'owner',
    );
  const file = unitFile(system);
  const unit = unitText([...command, '--dir', path.resolve(dir)], settings);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, unit);
  ask(system, 'daemon-reload');
  ask(system, 'enable', '--now', NAME);
  return { file, unit };
}

export function uninstall(system: System): { file: string } {
  needSystemd(system);
  const file = unitFile(system);
  if (!fs.existsSync(file)) throw new HeapError('not_installed', 'The agent is not installed as a service here.', 'owner');
  ask(system, 'disable', '--now', NAME);
  fs.rmSync(file);
  ask(system, 'daemon-reload');
  return { file };
}

/** `install`, `uninstall`: a systemd user unit. */
export function serviceCommands(program: Command, dir: string, own_file: string): void {
  const folder = new Option('--dir <folder>', "the agent's folder (HEAP_AGENT_DIR)").default(dir);
  const command = [process.execPath, ...process.execArgv, own_file];
  program
    .command('install')
    .description('starts the agent with your session, as a systemd user unit')
    .addOption(folder)
    .option('--print', 'only prints the unit')
    .option('--json', 'one JSON value')
    .action((given: { dir: string; print?: boolean; json?: boolean }) => {
      readConfig(process.env);
      const settings = keptSettings(process.env);
      if (given.print) return console.log(unitText([...command, '--dir', path.resolve(given.dir)], settings));
      const { file, unit } = install(thisSystem(), given.dir, command, settings);
      console.log(
        given.json
          ? JSON.stringify({ file, unit })
          : `${unit}\nInstalled as ${file} and started. To have it run while you are signed out: loginctl enable-linger`,
      );
    });
  program
    .command('uninstall')
    .description('stops it and takes the unit away; key and results stay')
    .option('--json', 'one JSON value')
    .action((given: { json?: boolean }) => {
      const { file } = uninstall(thisSystem());
      console.log(given.json ? JSON.stringify({ file }) : `Stopped; ${file} is gone.`);
    });
}
