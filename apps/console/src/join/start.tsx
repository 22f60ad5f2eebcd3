import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { BrowserAgent } from '../agent/contract.js';
import { steerByPad } from '../focus/game-pad.js';
import { steerByKeys } from '../focus/keys.js';
import { watchInstall } from '../pwa/install.js';
import type { Updates } from '../pwa/updates.js';
import { Boundary } from '../ui/boundary.js';
import { JoinPage } from './page.js';

/** Draws the page of an agent. */
export function start(agent: BrowserAgent, updates: Updates): void {
  watchInstall();
  steerByKeys();
  steerByPad();
  const place = document.getElementById('app');
  if (place !== null)
    createRoot(place).render(
      <StrictMode>
        <Boundary>
          <JoinPage agent={agent} updates={updates} />
        </Boundary>
      </StrictMode>,
    );
}
