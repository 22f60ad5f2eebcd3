import { NO_RULES, NOTHING_READ, type PiecesStatus } from '#agent-core';
import type { ControlStatus } from '../control/messages.js';
import { statusText } from './texts.js';

const PIECES: PiecesStatus = {
  held: 3,
  bytes: 5_000_000_000,
  quota_bytes: 200_000_000_000,
  free_bytes: 195_000_000_000,
  damaged: 0,
  transfers: { running: 1, waiting: 4 },
  moved_today_bytes: 1_500_000_000,
  bytes_per_day: 20_000_000_000,
  paused: null,
  broken: null,
};
const status = (pieces: PiecesStatus | null): ControlStatus => ({
  session: { state: 'online', code: 'online', sentence: 'Connected.' },
  standing: { available: true, code: 'ready', sentence: 'Free.' },
  work: [],
  tasks_done: 0,
  fuel_used: '0',
  speed_fuel_per_ms: 1,
  unconfirmed: 0,
  give_backs: null,
  held_until_ms: null,
  pieces,
  node_id: 'n',
  pid: 1,
  rss_bytes: 1,
  own_rules_only: false,
  ruled_by: null,
  rules: NO_RULES,
  readings: NOTHING_READ,
  ruled: [],
});
const stored = (over: Partial<PiecesStatus>): string =>
  statusText(status({ ...PIECES, ...over }))
    .split('\n')
    .filter((_, i, lines) => lines[i]?.startsWith('Stored:') || lines[i - 1]?.startsWith('Stored:'))
    .join('\n');

test('the status tells what is stored, what moves and why not', () => {
  expect(stored({})).toBe(
    'Stored:     5.00 GB of 200 GB in 3 pieces; room for 195 GB more\n            1.50 GB moved today of at most 20 GB; 1 on the move, 4 waiting',
  );
  expect(stored({ damaged: 1, quota_bytes: 1_000_000_000, free_bytes: 0 })).toContain(
    'in 3 pieces, 1 of them damaged (the heap knows), more than it allots: the heap moves what is too much; room for 0.00 GB more',
  );
  expect(stored({ paused: { code: 'metered_network', sentence: 'The network costs by the byte.' } })).toContain(
    'nothing is moved: The network costs by the byte.',
  );
  expect(stored({ broken: 'EIO' })).toContain('the disk cannot be read (EIO)');
});

test.each([null, { ...PIECES, held: 0, bytes: 0, quota_bytes: 0 }])('and nothing of a device that keeps nothing', (pieces) => {
  expect(statusText(status(pieces))).not.toContain('Stored');
});
