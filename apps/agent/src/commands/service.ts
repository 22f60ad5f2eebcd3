import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { HeapError } from '#units';
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
const word = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;

/** @param command the program and its arguments. */
export const unitText = (command: readonly string[]): string => `[Unit]
Description=Open Heaps agent: sells the idle capacity of this device
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${command.map(word).join(' ')}
Environment=HEAP_LOG_FORMAT=json
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

export function install(system: System, dir: string, command: readonly string[]): { file: string; unit: string } {
  needSystemd(system);
  if (readMembership(dir) === null)
    throw new HeapError(
      'not_enrolled',
      `The device of ${dir} belongs to no heap yet: start the agent once with a code, then install it.`,
      'owner',
    );
  const file = unitFile(system);
  const unit = unitText([...command, '--dir', path.resolve(dir)]);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, unit);
  system.systemctl('daemon-reload');
  system.systemctl('enable', '--now', NAME);
  return { file, unit };
}

export function uninstall(system: System): { file: string } {
  needSystemd(system);
  const file = unitFile(system);
  if (!fs.existsSync(file)) throw new HeapError('not_installed', 'The agent is not installed as a service here.', 'owner');
  system.systemctl('disable', '--now', NAME);
  fs.rmSync(file);
  system.systemctl('daemon-reload');
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
      if (given.print) return console.log(unitText([...command, '--dir', path.resolve(given.dir)]));
      const { file, unit } = install(thisSystem(), given.dir, command);
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
