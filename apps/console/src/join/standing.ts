import type { AgentView } from '../agent/contract.js';
import { TEXT } from '../text/en.js';
import type { Tone } from '../ui/ring.js';

/** How a view is drawn: the word for it, the ring's colour, and how much of the ring is filled. */
export interface Standing {
  word: string;
  tone: Tone;
  share: number;
}

export function standing(view: AgentView): Standing {
  switch (view.state) {
    case 'working':
      return { word: TEXT.states.working, tone: 'work', share: progress(view) };
    case 'ready':
      return { word: TEXT.states.ready, tone: 'wait', share: 1 };
    case 'paused':
      return { word: view.held ? TEXT.states.held : TEXT.states.paused, tone: 'pause', share: 1 };
    case 'offline':
      return { word: TEXT.states.offline, tone: 'still', share: 0 };
    default:
      return { word: TEXT.states.leaving, tone: 'still', share: 0 };
  }
}

/** Of the tasks that the leases have brought so far; never nothing while something runs, so that working can be told from waiting. */
function progress({ work }: AgentView): number {
  const done = work.reduce((sum, { tasks_done }) => sum + tasks_done, 0);
  const all = work.reduce((sum, { tasks_done, tasks_waiting, running }) => sum + tasks_done + tasks_waiting + (running ? 1 : 0), 0);
  return all === 0 ? LEAST : Math.max(LEAST, done / all);
}

const LEAST = 0.06;
