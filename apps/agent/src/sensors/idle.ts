import type { SystemFiles } from './files.js';
import type { Ask } from './programs.js';

/** The service that knows of graphical sessions is asked by a program; between two askings its answer ages by itself. */
const ASK_EVERY_MS = 5_000;

/**
 * How long nobody has touched the device: terminals by when they were last read from, as w(1) does; graphical sessions by what logind says, which the desktop
 * tells it only after its own delay, so that a session it calls active counts as used now.
 */
export class Idle {
  private asked_ms = Number.NEGATIVE_INFINITY;
  /** ms since 1970; null where there is no graphical session. */
  private desktop_used_ms: number | null = null;
  private desktop_active = false;

  constructor(
    private readonly files: SystemFiles,
    private readonly ask: Ask,
    private readonly wall_ms: () => number,
  ) {}

  /** Null where nobody is signed in that could be noticed. */
  async read(): Promise<number | null> {
    const used = [...this.terminals(), ...(await this.desktop())];
    return used.length > 0 ? Math.max(0, this.wall_ms() - Math.max(...used)) : null;
  }

  private terminals(): number[] {
    const names = [
      ...this.files
        .names('/dev/pts')
        .filter((name) => /^\d+$/.test(name))
        .map((name) => `/dev/pts/${name}`),
      ...this.files
        .names('/dev')
        .filter((name) => /^tty\d+$/.test(name) && name !== 'tty0')
        .map((name) => `/dev/${name}`),
    ];
    return names.map((name) => this.files.readAtMs(name)).filter((at) => at !== null);
  }

  private async desktop(): Promise<number[]> {
    if (!this.hasDesktop()) return [];
    if (this.wall_ms() - this.asked_ms >= ASK_EVERY_MS) {
      this.asked_ms = this.wall_ms();
      const said = await this.ask('loginctl', ['show', '--property=IdleHint', '--property=IdleSinceHint']);
      this.desktop_active = /^IdleHint=no$/m.test(said ?? '');
      const since_us = Number(/^IdleSinceHint=(\d+)$/m.exec(said ?? '')?.[1] ?? 0);
      this.desktop_used_ms = since_us > 0 ? since_us / 1_000 : null;
    }
    if (this.desktop_active) return [this.wall_ms()];
    return this.desktop_used_ms === null ? [] : [this.desktop_used_ms];
  }

  /** logind writes a file for each session (its format is private, these two lines have stood for ten years). */
  private hasDesktop(): boolean {
    return this.files
      .names('/run/systemd/sessions')
      .map((name) => this.files.text(`/run/systemd/sessions/${name}`) ?? '')
      .some((session) => /^TYPE=(x11|wayland|mir)$/m.test(session) && /^ACTIVE=1$/m.test(session));
  }
}
