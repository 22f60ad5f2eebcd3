import type { NodeInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { invitation } from '../invitation.js';
import { Money } from '../money.js';
import { whole } from '../options.js';
import { table } from '../terminal.js';
import { watchNodes } from './watch-nodes.js';

/** `heap balance`: what you can spend and what your devices earned. */
export function balanceCommand(context: Context, command: CliCommand): CliCommand {
  return command.description('shows what you can spend and what your devices earned').runs(async () => {
    const balance = await context.heap().balance();
    const money = new Money(balance.currency, balance.simulated);
    const { developer, owner } = balance;
    await context.terminal.answer(balance, () =>
      [
        `To spend:  ${money.format(developer.available_micro + developer.promo_micro)}, of which ${money.format(developer.promo_micro)} promotional`,
        `Held:      ${money.format(developer.held_micro)} for running jobs`,
        `Spent:     ${money.format(developer.spent_micro)}`,
        `Earned:    ${money.format(owner.earned_micro)} by your devices`,
        `  pending  ${money.format(owner.pending_micro)}`,
        `  payable  ${money.format(owner.available_micro)}`,
        `  reserve  ${money.format(owner.reserve_micro)}`,
      ].join('\n'),
    );
    return EXIT.ok;
  });
}

interface NodesOptions {
  enrol?: boolean;
  many?: number;
  label: string;
  days?: number;
  partner?: string;
  watch?: boolean;
  after?: string;
  all?: boolean;
}

/** `heap nodes`: your devices and why they do what they do. */
export function nodesCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists your devices, their state and why')
    .option('--enrol', 'make a link, with its QR code, and a command that enrol one more device, once, within ten minutes')
    .option('--partner <link>', 'with --enrol: the enrolment link of the partner who brings it')
    .option('--many <n>', 'with --enrol: a link for up to so many devices, each of which gets a code of its own', whole(1, 1_000))
    .option('--label <text>', 'with --many: what the link is called', 'many devices')
    .option('--days <n>', 'with --many: how long it lasts, 30 at most', whole(1, 30))
    .option('--watch', 'go on: a table that follows every change; one line a change with --json, or into a file')
    .option('--after <number>', 'with --watch --json: begin behind this change')
    .option('--all', 'with --watch, for admins: the devices of everybody')
    .runs(async (options: NodesOptions) => {
      const heap = context.heap();
      if (options.enrol && options.many !== undefined) {
        const { many: usesMax, label, days, partner } = options;
        const link = await heap.enrolmentLink({ label, usesMax, ...(days && { days }), ...(partner && { partner }) });
        await context.terminal.answer(link, () =>
          invitation({ ...link, expires_at: link.link.expires_at }, heap.url, `for ${usesMax} devices`),
        );
        return EXIT.ok;
      }
      if (options.enrol) {
        const code = await heap.enrolmentCode(options.partner === undefined ? {} : { partner: options.partner });
        await context.terminal.answer(code, () => invitation(code, heap.url));
        return EXIT.ok;
      }
      if (options.watch) return watchNodes(heap, context.terminal, options, nodesText);
      const nodes = await heap.nodes();
      await context.terminal.answer(nodes, () => nodesText(nodes));
      return EXIT.ok;
    });
}

function nodesText(nodes: readonly NodeInfo[]): string {
  if (nodes.length === 0) return 'You have no devices: `heap nodes --enrol` makes a code for one.';
  const rows = nodes.map((node) => [
    node.id,
    node.name,
    node.kind,
    stateText(node),
    node.presence_changed_at ?? node.enrolled_at,
    slotsText(node.slots),
    healthText(node.health),
    node.reason.sentence,
  ]);
  return table(['NODE', 'NAME', 'KIND', 'STATE', 'SINCE', 'SLOTS', 'HEALTH', 'WHY'], rows) + nodes.map(workText).join('');
}

/** What a device computes now, in the words its owner agreed to; leases of the same kind in one line. */
function workText({ name, work }: NodeInfo): string {
  const lines = new Map<string, number>();
  for (const { slot_class, view_class, may } of work) {
    const line = `${slot_class} slot, ${view_class}: ${may.join(' ')}`;
    lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  return [...lines].map(([line, count]) => `\n${name} computes now in ${count} ${line}`).join('');
}

/** What the owner is told of it, or, of a device that has never connected, its state. */
const stateText = ({ presence, state }: NodeInfo): string => presence ?? state.toLowerCase();

/** The score with what it is made of: "8 (WORKED +3, STEADY +5)". */
const healthText = ({ score, rules }: NodeInfo['health']): string =>
  rules.length === 0
    ? String(score)
    : `${score} (${rules.map(({ name, weight }) => `${name} ${weight > 0 ? '+' : ''}${weight}`).join(', ')})`;

const slotsText = (slots: readonly { slot_class: string; count: number; leased: number }[]) =>
  slots.map((s) => `${s.leased}/${s.count} ${s.slot_class}`).join(', ');
