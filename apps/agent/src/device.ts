import { existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import type { NodeKind } from '#units';

/** A first guess that the owner can correct: a battery makes a laptop, a small ARM machine a board, the rest are servers. */
export function guessKind(): NodeKind {
  if (process.platform === 'android') return 'phone';
  if (hasBattery()) return 'laptop';
  if (process.platform === 'linux' && ['arm', 'arm64'].includes(process.arch) && os.totalmem() < 9 * 1024 ** 3) return 'board';
  return 'server';
}

function hasBattery(): boolean {
  const folder = '/sys/class/power_supply';
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('BAT'));
}
