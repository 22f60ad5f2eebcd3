import { readFileSync } from 'node:fs';
import { CliCommand } from './command.js';
import { balanceCommand, nodesCommand } from './commands/account.js';
import { adminCommand } from './commands/admin.js';
import { capabilityCommand } from './commands/capability.js';
import { linkCommand, lsCommand, mkdirCommand, unlinkCommand } from './commands/directories.js';
import { earningsCommand, fundsCommand } from './commands/earnings.js';
import { estimateCommand } from './commands/estimate.js';
import { checkCommand, rmCommand } from './commands/files.js';
import { getCommand } from './commands/get.js';
import { jobCommand } from './commands/job.js';
import { jobsCommand } from './commands/jobs.js';
import { leasesCommand } from './commands/leases.js';
import { limitsCommand } from './commands/limits.js';
import { loginCommand } from './commands/login.js';
import { mapCommand } from './commands/map.js';
import { marketCommand } from './commands/market.js';
import { modulesCommand } from './commands/modules.js';
import { depositCommand, depositsCommand, refundCommand, topUpCommand } from './commands/money-in.js';
import { payoutAccountCommand, payoutCommand, payoutsCommand } from './commands/money-out.js';
import { noticesCommand, webhooksCommand } from './commands/notices.js';
import { correctCommand, decideCommand, objectCommand, objectionsCommand } from './commands/objections.js';
import { offerCommand } from './commands/offer.js';
import { levelsCommand, penaltiesCommand } from './commands/penalties.js';
import { agentCommand, devCommand } from './commands/processes.js';
import { putCommand } from './commands/put.js';
import { reservationsCommand } from './commands/reservations.js';
import { reserveCommand } from './commands/reserve.js';
import { roundCommand } from './commands/round.js';
import { rulesCommand } from './commands/rules.js';
import { runCommand } from './commands/run.js';
import { partnerCommand, promoCommand, spendingCommand, statementsCommand } from './commands/statements.js';
import { volumeCommand } from './commands/volume.js';
import { Context } from './context.js';
import { EXIT, EXIT_HELP } from './exit-codes.js';
import { fail } from './failure.js';
import type { Terminal } from './terminal.js';

type Builder = (context: Context, command: CliCommand) => CliCommand;
const COMMANDS: Readonly<Record<string, Builder>> = {
  dev: devCommand,
  agent: agentCommand,
  run: runCommand,
  map: mapCommand,
  put: putCommand,
  get: getCommand,
  check: checkCommand,
  rm: rmCommand,
  volume: volumeCommand,
  mkdir: mkdirCommand,
  ls: lsCommand,
  link: linkCommand,
  unlink: unlinkCommand,
  capability: capabilityCommand,
  estimate: estimateCommand,
  levels: levelsCommand,
  reserve: reserveCommand,
  reservations: reservationsCommand,
  market: marketCommand,
  round: roundCommand,
  jobs: jobsCommand,
  job: jobCommand,
  object: objectCommand,
  objections: objectionsCommand,
  decide: decideCommand,
  correct: correctCommand,
  modules: modulesCommand,
  balance: balanceCommand,
  funds: fundsCommand,
  earnings: earningsCommand,
  deposit: depositCommand,
  deposits: depositsCommand,
  refund: refundCommand,
  'top-up': topUpCommand,
  promo: promoCommand,
  spending: spendingCommand,
  statements: statementsCommand,
  payout: payoutCommand,
  payouts: payoutsCommand,
  'payout-account': payoutAccountCommand,
  nodes: nodesCommand,
  penalties: penaltiesCommand,
  offer: offerCommand,
  rules: rulesCommand,
  leases: leasesCommand,
  limits: limitsCommand,
  notices: noticesCommand,
  webhooks: webhooksCommand,
  partner: partnerCommand,
  admin: adminCommand,
  login: loginCommand,
};

const version = (): string => JSON.parse(readFileSync(new URL('../../../../apps/cli/package.json', import.meta.url), 'utf8')).version;

/** Runs one command line; resolves to its exit code and never rejects. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exit_code: number = EXIT.ok;
  const program = new CliCommand('heap', (code) => {
    exit_code = code;
  })
    .description('Rent idle devices, or offer yours.')
    .version(version())
    .option('--url <url>', 'the heap (default: HEAP_URL, or the one of `heap login`, `heap dev` or `npm start`)')
    .option('--json', 'one JSON value, or one a line, on standard output and nothing else')
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.stdout.write(text), writeErr: (text) => terminal.stderr.write(text) });
  // Known before parsing: a wrong command line is reported as JSON, too.
  const end = argv.indexOf('--');
  terminal.json = argv.slice(0, end < 0 ? undefined : end).includes('--json');
  const context = new Context(program, terminal);
  for (const [name, build] of Object.entries(COMMANDS)) build(context, program.command(name) as CliCommand);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    exit_code = await fail(terminal, error);
  }
  return exit_code;
}
