import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '../ui/base.css';
import './console.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { takeFirst } from '../http/first.js';
import { queryClient } from '../http/query-client.js';
import { goLive } from '../live/live.js';
import { StepUpProvider } from '../step-up/step-up.js';
import { Boundary } from '../ui/boundary.js';
import { cspNonce } from './csp-nonce.js';
import { router } from './router.js';
import { cssVariables, theme } from './theme.js';
import { Toasts } from './toasts.js';

takeFirst();
goLive();
const place = document.getElementById('app');
const page = (
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={cspNonce}>
      <Boundary>
        <QueryClientProvider client={queryClient}>
          <Toasts />
          <StepUpProvider>
            <RouterProvider router={router} />
          </StepUpProvider>
        </QueryClientProvider>
      </Boundary>
    </MantineProvider>
  </StrictMode>
);
// In pieces, between which the browser can do something else.
if (place !== null) startTransition(() => createRoot(place).render(page));
