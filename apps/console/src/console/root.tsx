import { createRootRoute, type ErrorComponentProps } from '@tanstack/react-router';
import { Problem } from '../ui-kit/problem.js';
import { NotFound } from './not-found.js';
import { Shell } from './shell.js';

const Failed = ({ error, reset }: ErrorComponentProps) => <Problem error={error} retry={reset} />;

/** Everything is drawn within the shell: header, navigation, what is wrong. */
export const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Failed });
