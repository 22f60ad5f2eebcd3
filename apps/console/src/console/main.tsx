import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '../ui/base.css';
import './console.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from '../http/query-client.js';
import { goLive } from '../live/live.js';
import { StepUpProvider } from '../step-up/step-up.js';
import { Boundary } from '../ui/boundary.js';
import { cspNonce } from './csp-nonce.js';
import { router } from './router.js';
import { cssVariables, theme } from './theme.js';

goLive();
const place = document.getElementById('app');
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={cspNonce}>
        <Boundary>
          <QueryClientProvider client={queryClient}>
            <Notifications position="bottom-right" limit={3} />
            <StepUpProvider>
              <RouterProvider router={router} />
            </StepUpProvider>
          </QueryClientProvider>
        </Boundary>
      </MantineProvider>
    </StrictMode>,
  );
