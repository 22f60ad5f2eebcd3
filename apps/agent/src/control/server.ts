import fs from 'node:fs';
import net from 'node:net';
import { HeapError } from '#units';
import { type ControlAnswer, type ControlAnswers, type ControlRequest, LINE_BYTES_MAX, request } from './messages.js';
import { controlPlace, prepareFolder } from './place.js';

export type Answer = (asked: ControlRequest) => Promise<ControlAnswers[keyof ControlAnswers]>;

const PATIENCE_MS = 60_000;

async function answerTo(line: string, answer: Answer): Promise<ControlAnswer> {
  try {
    return { ok: await answer(request.parse(JSON.parse(line))) };
  } catch (error) {
    if (error instanceof HeapError) return { error: { code: error.code, message: error.message } };
    return { error: { code: 'malformed_request', message: 'The agent does not understand this request; is the command of its version?' } };
  }
}

function serve(socket: net.Socket, answer: Answer): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy()); // the asker went away
  socket.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0) {
      if (text.length > LINE_BYTES_MAX) socket.destroy();
      return;
    }
    socket.removeAllListeners('data');
    void answerTo(text.slice(0, end), answer).then((said) => socket.end(`${JSON.stringify(said)}\n`));
  });
}

/** Listens to the owner: to who may enter the agent's folder, and nobody else. @returns stops listening. */
export async function listenToOwner(dir: string, answer: Answer): Promise<() => Promise<void>> {
  const place = controlPlace(dir);
  prepareFolder(place, dir);
  // The folder is locked by this agent: what is there was left by one that was killed.
  if (process.platform !== 'win32') fs.rmSync(place, { force: true });
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serve(socket, answer);
  });
  // Made without rights for others from its first moment on.
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(place, resolve);
    });
  } finally {
    process.umask(mask);
  }
  server.unref();
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroySoon();
    });
}
