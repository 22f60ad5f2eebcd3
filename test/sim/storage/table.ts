import { SEGMENT_LOSS } from '#placement';
import { VOLUME_CLASSES, type VolumeClass } from '#units';
import { estimateLoss, type LossEstimate, type SplittingSize } from './splitting.js';
import { WORLD, type World } from './world.js';

/** What storage.md says repair moves in a month, as a multiple of what is stored. */
const DESIGN_TRAFFIC: Readonly<Record<VolumeClass, number>> = { small: 3.2, standard: 3.4, cold: 3.5 };

export interface TableRow {
  readonly class: VolumeClass;
  readonly event_share: number;
  readonly annual_loss: number;
  readonly relative_error: number;
  readonly design_loss: number;
  readonly ratio: number;
  readonly repair_a_month: number;
  readonly design_repair: number;
  readonly falls: LossEstimate['falls'];
}

/** The table of storage.md, each line estimated by splitting. */
export function lossTable(
  size: SplittingSize,
  classes: readonly VolumeClass[] = VOLUME_CLASSES,
  done: (row: TableRow) => void = () => {},
): TableRow[] {
  return classes.flatMap((volume_class) =>
    [0.2, 0.3].map((event_share) => {
      const estimate = estimateLoss(volume_class, { ...WORLD, event_share }, size);
      const design_loss = SEGMENT_LOSS[volume_class][event_share === 0.2 ? 'fifth' : 'three_tenths'];
      const row = {
        class: volume_class,
        event_share,
        ...estimate,
        design_loss,
        ratio: estimate.annual_loss / design_loss,
        design_repair: DESIGN_TRAFFIC[volume_class],
      };
      done(row);
      return row;
    }),
  );
}

export interface Doubt {
  readonly what: string;
  readonly annual_loss: number;
  readonly relative_error: number;
}

/** What standard volumes lose at 20 % events where an assumption of the table is wrong. */
export function doubts(size: SplittingSize, done: (doubt: Doubt) => void = () => {}): Doubt[] {
  const cases: readonly [string, Partial<World>][] = [
    ['events follow nothing that is known of devices', { hidden: true }],
    ['events come at any time, two or three of them together', { clustered: true }],
    ['repairs take three days', { repair_h: 72 }],
    ['devices stay for 30 days', { mean_life_h: 30 * 24 }],
  ];
  return cases.map(([what, world]) => {
    const { annual_loss, relative_error } = estimateLoss('standard', { ...WORLD, ...world }, size);
    const doubt = { what, annual_loss, relative_error };
    done(doubt);
    return doubt;
  });
}

const WITHIN = 3;

/** Whether the table is kept: no line loses three times as much as storage.md says, or moves three times as much. */
export const keeps = (rows: readonly TableRow[]): { readonly loss: boolean; readonly traffic: boolean } => ({
  loss: rows.every(({ ratio }) => ratio <= WITHIN),
  traffic: rows.every(
    ({ repair_a_month, design_repair }) => repair_a_month <= WITHIN * design_repair && repair_a_month >= design_repair / WITHIN,
  ),
});

export const asLine = (row: TableRow): string =>
  [
    row.class.padEnd(8),
    `${row.event_share * 100} %`,
    row.annual_loss.toExponential(1).padStart(8),
    `± ${Math.round(row.relative_error * 100)} %`.padStart(7),
    row.design_loss.toExponential(1).padStart(8),
    `${row.ratio.toPrecision(2)}`.padStart(7),
    `${row.repair_a_month.toFixed(1)}×`.padStart(6),
    `${row.design_repair.toFixed(1)}×`.padStart(6),
  ].join('  ');

export const asText = (rows: readonly TableRow[]): string =>
  ['class     events  a year    error   design    ratio  repair  design', ...rows.map(asLine)].join('\n');
