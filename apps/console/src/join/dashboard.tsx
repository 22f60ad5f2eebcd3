import type { AgentView, BrowserAgent } from '../agent/contract.js';
import type { Person } from '../http/api.js';
import { Consent } from './consent.js';
import { Device } from './device.js';
import { Earnings } from './earnings.js';
import { Hero } from './hero.js';
import { Hold } from './hold.js';
import css from './join.module.css';
import { Leave } from './leave.js';
import { Rules } from './rules.js';
import { Storage } from './storage.js';
import { Work } from './work.js';

interface Props {
  agent: BrowserAgent;
  view: AgentView;
  person: Person | null | undefined;
  simulated: boolean;
  onLeave(): void;
}

/** What the owner of a node sees: how it stands and the way to stop it first, then everything else. */
export function Dashboard({ agent, view, person, simulated, onLeave }: Props) {
  return (
    <div className={css.dashboard}>
      <div className={css.lead}>
        <Hero view={view} />
        <Hold agent={agent} view={view} />
      </div>
      <div className={css.rest}>
        <Work view={view} />
        <Earnings view={view} simulated={simulated} />
        <Device agent={agent} view={view} />
        <Rules agent={agent} view={view} />
        <Storage agent={agent} view={view} />
        <Consent person={person} />
        <Leave onLeave={onLeave} />
      </div>
    </div>
  );
}
