import PDFDocument from 'pdfkit';
import { formatMajor } from '#units';
import type { StatementView } from './content.js';

const MARGIN = 50;
const RIGHT = 545;
const BOTTOM = 770;
const LINE = 15;
const COLUMNS = { day: MARGIN, text: 120, subject: 340, amount: 445 } as const;
const TITLES = { developer: 'Invoice for work', owner: 'Statement of earnings', partner: "Statement of partner's shares" } as const;

/** The fonts that every reader of PDF brings along have the letters of Western Europe; others are shown as a question mark. */
const latin = (text: string): string => text.replaceAll(/[^\x20-\x7e\xa0-\xff€]/gu, '?');

/** To the micro-unit, so that the points stand below each other. */
function sixPlaces(amount_micro: string): string {
  const [whole, places = ''] = formatMajor(BigInt(amount_micro)).split('.');
  return `${whole}.${places.padEnd(6, '0')}`;
}

/** A statement as PDF, A4, as many pages as it takes. */
export function pdfOf(statement: StatementView): Promise<Buffer> {
  const title = statement.number ?? `${statement.statement_id} (running month, not final)`;
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    info: { Title: latin(title), Author: latin(statement.issuer.name) },
  });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  const page = new Page(doc);
  head(page, statement, title);
  page.columns('Day', 'What', 'Job or payout', `Amount (${statement.currency})`, true);
  page.columns(`${statement.month}-01`, 'Opening balance', '', sixPlaces(statement.opening_micro));
  for (const { day, text, subject, amount_micro } of statement.lines)
    page.columns(day, text, subject?.slice(0, 18) ?? '', sixPlaces(amount_micro));
  page.rule();
  page.columns('', 'Closing balance', '', sixPlaces(statement.closing_micro), true);
  foot(page, statement);
  page.numbers(title);
  doc.end();
  return done;
}

function head(page: Page, { issuer, person, part, month, made_at, simulated }: StatementView, title: string): void {
  page.line(TITLES[part], 18, true);
  page.line(`${title} · ${month} · made on ${made_at.slice(0, 10)}`, 10);
  if (simulated) page.line('Payments are simulated: no real money moved, and this is no document for any tax office.', 10, true);
  page.gap();
  for (const text of [issuer.name, ...issuer.address.split('\n'), issuer.tax_id && `Tax id ${issuer.tax_id}`])
    if (text) page.line(text, 10);
  page.gap();
  page.line(`For ${person.name}, ${person.email}`, 10);
  page.gap();
}

function foot(page: Page, { part, taxable_micro, tax_micro, tax_basis_points, tax_note, currency }: StatementView): void {
  page.gap();
  const what = part === 'developer' ? 'Charged for work' : part === 'owner' ? 'Earned by work' : 'Shares';
  page.line(`${what} this month: ${formatMajor(BigInt(taxable_micro))} ${currency}`, 10);
  if (tax_basis_points > 0) page.line(`of which tax at ${tax_basis_points / 100} %: ${formatMajor(BigInt(tax_micro))} ${currency}`, 10);
  if (tax_note) page.line(tax_note, 10);
}

/** A pen that goes down and turns the page. */
class Page {
  private y = MARGIN;

  constructor(private readonly doc: PDFKit.PDFDocument) {}

  line(text: string, size: number, bold = false): void {
    this.room(size + 6);
    this.doc.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(size);
    const height = this.doc.heightOfString(latin(text), { width: RIGHT - MARGIN });
    this.doc.text(latin(text), MARGIN, this.y, { width: RIGHT - MARGIN });
    this.y += height + 4;
  }

  columns(day: string, text: string, subject: string, amount: string, bold = false): void {
    this.room(LINE);
    this.doc.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(9);
    const cell = (content: string, x: number, width: number, align: 'left' | 'right' = 'left') =>
      this.doc.text(latin(content), x, this.y, { width, height: LINE - 5, align, ellipsis: true });
    cell(day, COLUMNS.day, COLUMNS.text - COLUMNS.day - 5);
    cell(text, COLUMNS.text, COLUMNS.subject - COLUMNS.text - 5);
    cell(subject, COLUMNS.subject, COLUMNS.amount - COLUMNS.subject - 5);
    cell(amount, COLUMNS.amount, RIGHT - COLUMNS.amount, 'right');
    this.y += LINE;
  }

  rule(): void {
    this.room(LINE);
    this.doc.moveTo(MARGIN, this.y).lineTo(RIGHT, this.y).lineWidth(0.5).stroke();
    this.y += 5;
  }

  gap(): void {
    this.y += LINE;
  }

  numbers(title: string): void {
    const { start, count } = this.doc.bufferedPageRange();
    for (let i = 0; i < count; i++) {
      this.doc.switchToPage(start + i);
      // Below the margin pdfkit would begin a page of its own.
      this.doc.page.margins.bottom = 0;
      this.doc.font('Helvetica').fontSize(8);
      this.doc.text(latin(`${title} · page ${i + 1} of ${count}`), MARGIN, 800, {
        width: RIGHT - MARGIN,
        align: 'center',
        lineBreak: false,
      });
    }
  }

  private room(height: number): void {
    if (this.y + height <= BOTTOM) return;
    this.doc.addPage();
    this.y = MARGIN;
  }
}
