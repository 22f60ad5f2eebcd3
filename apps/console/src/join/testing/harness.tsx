/** The page of /join with a fake agent in the state that the address names: `/?working`. */
import '../../ui/base.css';
import type { Updates } from '../../pwa/updates.js';
import { start } from '../start.js';
import { FakeAgent } from './fake-agent.js';
import { SCENES, type Scene } from './scenes.js';

const agent = new FakeAgent(SCENES[location.search.slice(1) as Scene]);
// Where tests find it.
Object.assign(globalThis, { fakeAgent: agent });
const NO_UPDATES: Updates = { snapshot: () => 'none', subscribe: () => () => undefined, apply: () => undefined };
start(agent, NO_UPDATES);
