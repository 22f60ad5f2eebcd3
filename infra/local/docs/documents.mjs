// Which documents become pages, at which address, and in which order they are listed.
import fs from 'node:fs';
import path from 'node:path';

/** `label`: what the list says, where a document's own title only makes sense in its folder. */
const named = (file, address, label) => ({ file, address, label });
const folder = (root, name) =>
  fs
    .readdirSync(path.join(root, 'docs', name))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => named(`docs/${name}/${file}`, `/docs/${name}/${path.basename(file, '.md')}`));

/** Guides in the order in which somebody new needs them; those that are not named here follow by name. */
const GUIDES = ['join', 'agent', 'money', 'market', 'volumes', 'verification', 'sandbox', 'protocol'];
const placeOf = ({ address }) => (GUIDES.indexOf(path.basename(address)) + 1 || GUIDES.length + 1) * 1_000;

/** @returns {{ title: string, documents: { file: string, address: string }[] }[]} */
export function chapters(root) {
  const guides = folder(root, 'guides').sort((a, b) => placeOf(a) - placeOf(b) || a.address.localeCompare(b.address));
  return [
    { title: 'Start', documents: [named('README.md', '/docs/readme', 'First steps'), named('examples/README.md', '/docs/examples')] },
    { title: 'Guides', documents: guides },
    {
      title: 'Programs',
      documents: [
        named('libs/sdk/README.md', '/docs/sdk', 'The SDK'),
        named('apps/cli/README.md', '/docs/cli', 'The command heap'),
        named('apps/agent/README.md', '/docs/node-agent', 'The agent on Node.js'),
      ],
    },
    {
      title: 'Running a heap',
      documents: [
        named('docs/configuration.md', '/docs/configuration'),
        named('infra/README.md', '/docs/deployment', 'Deployment'),
        named('docs/performance.md', '/docs/performance'),
      ],
    },
    {
      title: 'How it is made',
      documents: [
        named('ARCHITECTURE.md', '/docs/architecture'),
        named('CONTRIBUTING.md', '/docs/contributing', 'Contributing'),
        named('CHANGELOG.md', '/docs/changelog'),
      ],
    },
    { title: 'Decisions', documents: [named('docs/adr/README.md', '/docs/adr', 'All decisions'), ...folder(root, 'adr')] },
  ].map((chapter) => ({ ...chapter, documents: chapter.documents.filter(({ file }) => fs.existsSync(path.join(root, file))) }));
}
