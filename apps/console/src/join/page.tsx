import { useEffect, useState } from 'react';
import type { AgentView, BrowserAgent } from '../agent/contract.js';
import { type HeapGlance, heapGlance } from '../http/api.js';
import { useSession } from '../http/use-session.js';
import type { Updates } from '../pwa/updates.js';
import { TEXT } from '../text/en.js';
import { Mark } from '../ui/mark.js';
import ui from '../ui/ui.module.css';
import { Dashboard } from './dashboard.js';
import css from './join.module.css';
import { Message } from './message.js';
import { UpdateNotice } from './update-notice.js';
import { useAgent } from './use-agent.js';
import { Welcome } from './welcome.js';

/** States of a node, which have much to show. */
const SHOWN: ReadonlySet<AgentView['state']> = new Set(['offline', 'ready', 'working', 'paused']);

type Left = Awaited<ReturnType<BrowserAgent['leave']>>;

/** The whole of /join: one page whose content follows the agent's state. */
export function JoinPage({ agent, updates }: { agent: BrowserAgent; updates: Updates }) {
  const view = useAgent(agent);
  const { person, look } = useSession();
  const [heap, setHeap] = useState<HeapGlance | null>(null);
  const [left, setLeft] = useState<Left | null>(null);
  useFarAway(view);
  useEffect(() => void heapGlance().then(setHeap, () => setHeap(null)), []);
  return (
    <main className={SHOWN.has(view.state) ? `${ui.page} ${css.wide}` : ui.page}>
      <header className={ui.header}>
        <Mark />
        <span>{heap?.name ?? TEXT.product}</span>
      </header>
      <UpdateNotice agent={agent} view={view} updates={updates} />
      {content()}
    </main>
  );

  function content() {
    switch (view.state) {
      case 'starting':
        return <Message head={TEXT.states.starting} sentence={TEXT.stateSentences.starting} />;
      case 'new':
      case 'joining':
      case 'revoked':
        return (
          <>
            {left !== null && <LeftNotice left={left} />}
            {view.state === 'revoked' && <p className={ui.notice}>{view.reason.sentence}</p>}
            <Welcome agent={agent} view={view} person={person} look={look} />
          </>
        );
      case 'elsewhere':
        return <Message head={TEXT.states.elsewhere} sentence={TEXT.stateSentences.elsewhere} />;
      case 'leaving':
        return <Message head={TEXT.states.leaving} sentence={TEXT.stateSentences.leaving} />;
      case 'stopped':
        return <Message head={TEXT.states.stopped} sentence={TEXT.stateSentences.stopped} reload />;
      case 'failed':
        return <Message head={TEXT.states.failed} sentence={view.reason.sentence} reload />;
      default:
        return (
          <Dashboard
            agent={agent}
            view={view}
            person={person}
            simulated={heap?.simulated_payments ?? false}
            onLeave={() => void agent.leave().then(setLeft)}
          />
        );
    }
  }
}

function LeftNotice({ left }: { left: Left }) {
  return (
    <div className={ui.notice} role="status">
      <h2>{TEXT.join.left}</h2>
      <p>
        {left.taken_out ? TEXT.join.leftWhole : TEXT.join.leftOffline} {left.undelivered > 0 && TEXT.join.leftUndelivered(left.undelivered)}
      </p>
    </div>
  );
}

/** A television or console is looked at from across the room: everything becomes larger. */
function useFarAway({ kind }: AgentView): void {
  const far = kind === 'console' || kind === 'settop';
  useEffect(() => {
    document.documentElement.toggleAttribute('data-far', far);
  }, [far]);
}
