import { Inject, Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { type StatementView, statementOf, type Terms } from './content.js';
import { type Part, StatementsStore } from './statements.store.js';

type HeadView = ResponseOf<typeof ROUTES.listStatements>['statements'][number];

const PARTS: readonly Part[] = ['developer', 'owner', 'partner'];
const BATCH = 50;
const NAME = /^(developer|owner|partner)-(\d{4}-(?:0[1-9]|1[0-2]))$/;

/** What each person was paid and charged, month by month: computed while a month runs, written down with a number when it is over. */
@Injectable()
export class StatementsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: StatementsStore,
    private readonly people: PeopleQuery,
  ) {}

  /** The months that are written down, newest first, after what was in the running one so far. */
  async list(person_id: string): Promise<HeadView[]> {
    const running = await this.compute(person_id, await this.store.thisMonth());
    const stored = await this.store.listOf(person_id);
    return [...running, ...stored.map(({ content }) => content as StatementView)].map(headOf);
  }

  /** By number or as `<part>-<month>`. @throws HeapError `statement.not_found`. */
  async get(person_id: string, name: string): Promise<StatementView> {
    const stored = await this.store.find(person_id, name);
    if (stored) return stored.content as StatementView;
    const [, part, month] = NAME.exec(name) ?? [];
    const found = month === undefined ? undefined : (await this.compute(person_id, month)).find((statement) => statement.part === part);
    if (!found) throw new HeapError('statement.not_found', 'You have no such statement: nothing moved in that month.', 'user');
    return found;
  }

  /** Writes down the months that are over. @returns how many documents were made. */
  async writeDue(): Promise<number> {
    let made = 0;
    for (const { person_id, month } of await this.store.toWrite(BATCH)) made += await this.write(person_id, month);
    return made;
  }

  async write(person_id: string, month: string): Promise<number> {
    const statements = await this.compute(person_id, month);
    for (const statement of statements)
      await this.transactions.run(async (tx) => {
        const year = month.slice(0, 4);
        const next = await this.store.nextNumber(tx, year, person_id, statement.part, month);
        if (next === null) return;
        const number = `${this.config.invoice_prefix}${year}-${String(next).padStart(6, '0')}`;
        const content: StatementView = { ...statement, statement_id: number, number };
        await this.store.insert(tx, { id: newId(), person_id, part: statement.part, month, number, currency: statement.currency, content });
      });
    return statements.length;
  }

  private async compute(person_id: string, month: string): Promise<StatementView[]> {
    const { balances, lines } = await this.store.month(person_id, this.config.currency, month);
    const person = await this.people.byId(person_id);
    const terms: Terms = {
      person: { name: person?.name ?? '', email: person?.email ?? '' },
      issuer: { name: this.config.issuer_name, address: this.config.issuer_address, tax_id: this.config.issuer_tax_id },
      tax_basis_points: this.config.tax_basis_points,
      tax_note: this.config.tax_note,
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
    };
    return PARTS.flatMap((part) => {
      const balance = balances.find((row) => row.part === part);
      const own = lines.filter((line) => line.part === part);
      return balance && own.length > 0 ? [statementOf(part, month, balance, own, terms, new Date())] : [];
    });
  }
}

const headOf = ({ statement_id, part, month, number, currency, simulated, ...rest }: StatementView): HeadView => ({
  statement_id,
  part,
  month,
  number,
  currency,
  simulated,
  opening_micro: rest.opening_micro,
  closing_micro: rest.closing_micro,
  taxable_micro: rest.taxable_micro,
  tax_micro: rest.tax_micro,
  made_at: rest.made_at,
});
