import { InvalidArgumentError, Option } from 'commander';
import { NOTICE_KIND_NAMES } from '#protocol';
import type { DeliveryInfo, NoticeInfo, NoticeKind, WebhookInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { collected, idOf, whole } from '../options.js';
import { withProof } from '../proof.js';
import { table } from '../terminal.js';

interface NoticesOptions {
  unread?: boolean;
  read?: boolean;
  limit: number;
  before?: string;
}

/** `heap notices`: what the bell of the console has. */
export function noticesCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists what the heap had to tell you, newest first')
    .option('--unread', 'only what is not read yet')
    .option('--read', 'mark what is listed, and all before it, as read')
    .option('--limit <n>', 'how many', whole(1, 100), 20)
    .option('--before <id>', 'the page behind this notice')
    .runs(async ({ read, ...page }: NoticesOptions) => {
      const { notices } = context.heap();
      const list = await notices.list(page);
      await context.terminal.answer(list, () => list.map(noticeText).join('\n') || 'There are no notices.');
      const [newest] = list;
      if (read && newest) await notices.read(newest.notice_id);
      return EXIT.ok;
    });
}

const noticeText = ({ created_at, severity, read_at, title, sentence }: NoticeInfo): string =>
  `${read_at === null ? '*' : ' '} ${created_at}  ${severity}  ${title}. ${sentence}`;

function kindOf(text: string): NoticeKind {
  const kind = NOTICE_KIND_NAMES.find((name) => name === text);
  if (kind === undefined) throw new InvalidArgumentError(`Take one of ${NOTICE_KIND_NAMES.join(', ')}.`);
  return kind;
}

/** `heap webhooks list|add|change|secret|test|log|resend|remove`. */
export function webhooksCommand(context: Context, command: CliCommand): CliCommand {
  command.description('addresses of yours to which notices are sent, signed');
  (command.command('list') as CliCommand).description('your webhooks, and whether they are on').runs(async () => {
    const list = await context.heap().notices.webhooks();
    await context.terminal.answer(list, () => listText(list));
    return EXIT.ok;
  });
  (command.command('add') as CliCommand)
    .description('has notices sent there; shows the secret that they are signed with, once. Takes your password, if you have one')
    .argument('<url>', 'a public https address')
    .option('--kind <kind>', 'only notices of this kind, such as job.done; repeatable (default: all)', collected(kindOf))
    .runs(async (url: string, { kind: kinds = [] }: { kind?: NoticeKind[] }) => {
      const { notices } = context.heap();
      const added = await withProof(context, (proof) => notices.addWebhook(url, { kinds, ...proof }));
      await context.terminal.answer(added, () => secretText(added.webhook.webhook_id, added.secret));
      return EXIT.ok;
    });
  withChange(context, command);
  (command.command('secret') as CliCommand)
    .description('shows a new secret, once; for a day the old one signs as well. Takes your password, if you have one')
    .argument('<webhook>', WEBHOOK)
    .runs(async (id: string) => {
      const { notices } = context.heap();
      const renewed = await withProof(context, (proof) => notices.renewSecret(webhookId(id), proof));
      await context.terminal.answer(renewed, () => secretText(id, renewed.secret));
      return EXIT.ok;
    });
  (command.command('remove') as CliCommand)
    .description('sends nothing there any more; its log goes as well')
    .argument('<webhook>', WEBHOOK)
    .runs(async (id: string) => {
      await context.heap().notices.removeWebhook(webhookId(id));
      await context.terminal.answer({ webhook_id: id, removed: true }, () => 'Nothing is sent there any more.');
      return EXIT.ok;
    });
  withDeliveries(context, command);
  return command;
}

function withChange(context: Context, command: CliCommand): void {
  (command.command('change') as CliCommand)
    .description('switches one off, or on again, or chooses its kinds')
    .argument('<webhook>', WEBHOOK)
    .addOption(new Option('--off', 'send nothing there for now').conflicts('on'))
    .option('--on', 'send again')
    .addOption(new Option('--kind <kind>', 'only notices of this kind; repeatable').argParser(collected(kindOf)).conflicts('allKinds'))
    .option('--all-kinds', 'notices of every kind')
    .runs(async (id: string, { on, off, kind, allKinds }: { on?: boolean; off?: boolean; kind?: NoticeKind[]; allKinds?: boolean }) => {
      const kinds = allKinds ? [] : kind;
      const changed = await context.heap().notices.changeWebhook(webhookId(id), {
        ...((on || off) && { active: on === true }),
        ...(kinds !== undefined && { kinds }),
      });
      await context.terminal.answer(changed, () => listText([changed]));
      return EXIT.ok;
    });
}

/** What was sent, and sending. */
function withDeliveries(context: Context, command: CliCommand): void {
  (command.command('test') as CliCommand)
    .description('sends a test now and says what was answered; ends with 1 when it did not arrive')
    .argument('<webhook>', WEBHOOK)
    .runs(async (id: string) => sent(context, await context.heap().notices.testWebhook(webhookId(id))));
  (command.command('log') as CliCommand)
    .description('what was sent there, newest first, and what was answered')
    .argument('<webhook>', WEBHOOK)
    .option('--limit <n>', 'how many', whole(1, 100), 20)
    .option('--before <id>', 'the page behind this delivery')
    .runs(async (id: string, page: { limit: number; before?: string }) => {
      const list = await context.heap().notices.deliveries(webhookId(id), page);
      await context.terminal.answer(list, () => deliveriesText(list));
      return EXIT.ok;
    });
  (command.command('resend') as CliCommand)
    .description('sends one again, under the id it had; ends with 1 when it did not arrive')
    .argument('<webhook>', WEBHOOK)
    .argument('<delivery>', 'its id, from `heap webhooks log`')
    .runs(async (id: string, delivery: string) => {
      const delivery_id = idOf(delivery, 'a delivery', `heap webhooks log ${id}`);
      return sent(context, await context.heap().notices.redeliver(webhookId(id), delivery_id));
    });
}

const WEBHOOK = 'its id, from `heap webhooks list`';
const webhookId = (text: string): string => idOf(text, 'a webhook', 'heap webhooks list');

async function sent({ terminal }: Context, delivery: DeliveryInfo): Promise<number> {
  await terminal.answer(delivery, () => delivery.reason.sentence);
  return delivery.state === 'SENT' ? EXIT.ok : EXIT.failed;
}

const secretText = (webhook_id: string, secret: string): string =>
  `Webhook ${webhook_id}. Its secret, which is not shown again:\n${secret}\nNotices are signed with it: \`verifyWebhook\` of the SDK checks that.`;

function listText(list: readonly WebhookInfo[]): string {
  if (list.length === 0) return 'You have no webhooks: `heap webhooks add <url>` makes one.';
  return table(
    ['WEBHOOK', 'STATE', 'KINDS', 'ADDRESS', 'WHY'],
    list.map((one) => [one.webhook_id, one.state, one.kinds.join(',') || 'all', one.url, one.reason.sentence]),
  );
}

function deliveriesText(list: readonly DeliveryInfo[]): string {
  if (list.length === 0) return 'Nothing was sent there yet: `heap webhooks test <webhook>` sends something.';
  return table(
    ['DELIVERY', 'KIND', 'STATE', 'ATTEMPTS', 'ANSWER', 'AT', 'WHY'],
    list.map((one) => [
      ...[one.delivery_id, one.kind, one.state, String(one.attempts), String(one.response_status ?? ''), one.created_at],
      one.reason.sentence,
    ]),
  );
}
