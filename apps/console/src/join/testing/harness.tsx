/** The page of /join with a fake agent in the state that the address names: `/?working`. */
import '../../ui/base.css';
import { start } from '../start.js';
import { FakeAgent } from './fake-agent.js';
import { FakeUpdates } from './fake-updates.js';
import { SCENES, type Scene } from './scenes.js';

const agent = new FakeAgent(SCENES[location.search.slice(1) as Scene]);
const updates = new FakeUpdates();
// Where tests find them.
Object.assign(globalThis, { fakeAgent: agent, fakeUpdates: updates });
start(agent, updates);
