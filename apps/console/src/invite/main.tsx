import '../ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { steerByPad } from '../focus/game-pad.js';
import { steerByKeys } from '../focus/keys.js';
import { Boundary } from '../ui/boundary.js';
import { InvitePage } from './page.js';

steerByKeys();
steerByPad();
const place = document.getElementById('app');
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <Boundary>
        <InvitePage />
      </Boundary>
    </StrictMode>,
  );
