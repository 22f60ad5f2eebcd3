import net from 'node:net';
import { HeapError } from '#units';
import type { ControlAnswer, ControlAnswers, ControlRequest } from './messages.js';
import { controlPlace } from './place.js';

/**
 * Asks the agent that runs on this folder.
 * @throws HeapError `agent_not_running`, or what the agent says.
 */
export function askAgent<D extends ControlRequest['do']>(
  dir: string,
  asked: Extract<ControlRequest, { do: D }>,
): Promise<ControlAnswers[D]> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(controlPlace(dir));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(asked)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => reject(notRunning(dir)));
    socket.on('end', () => {
      try {
        const answer = JSON.parse(text) as ControlAnswer;
        if ('ok' in answer) resolve(answer.ok as ControlAnswers[D]);
        else reject(new HeapError(answer.error.code, answer.error.message, 'owner'));
      } catch {
        reject(notRunning(dir));
      }
    });
  });
}

const notRunning = (dir: string) =>
  new HeapError(
    'agent_not_running',
    `No agent of yours runs on ${dir}. Start it with \`heap agent\`, or name its folder with --dir.`,
    'owner',
  );
