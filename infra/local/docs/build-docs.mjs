// Makes the documentation pages: HTML that reads without a script, and one index of all headings and texts for the search.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { chapters } from './documents.mjs';
import { escaped, render } from './render.mjs';

const PICTURE = /^docs\/(pictures|screens)\/[\w.-]+\.(png|svg|webp|jpg)$/;
const CONTENTS_DEPTH_MAX = 2;

/**
 * @param {{ root: string, folder: string, target: string[] }} where `folder` is what the broker serves
 * @returns the files written, relative to `folder`
 */
export async function buildDocs({ root, folder, target }) {
  const files = [];
  const put = (name, contents) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), contents);
    files.push(name);
  };
  const assets = await buildAssets(root, folder, target, put);
  const list = chapters(root);
  const all = list.flatMap(({ documents }) => documents);
  const pictures = new Set();
  const pages = new Map(all.map(({ file, address }) => [file, address]));
  pages.set('docs', '/docs').set('docs/guides', '/docs').set('docs/README.md', '/docs').set('examples', '/docs/examples');
  const addressOf = (file) => {
    if (pages.has(file)) return pages.get(file);
    if (!PICTURE.test(file)) return null;
    pictures.add(file);
    return `/${file}`;
  };
  const rendered = new Map(
    all.map(({ file, address, label }) => {
      const page = render(fs.readFileSync(path.join(root, file), 'utf8'), file, addressOf);
      return [address, { ...page, title: label ?? page.title }];
    }),
  );
  const navigation = (current) =>
    list
      .map(({ title, documents }) => {
        const links = documents.map(({ address }) => {
          const here = address === current ? ' aria-current="page"' : '';
          return `<li><a href="${address}"${here}>${escaped(rendered.get(address).title)}</a></li>`;
        });
        const open = title !== 'Decisions' || documents.some(({ address }) => address === current);
        return `<details${open ? ' open' : ''}><summary>${title}</summary><ul>${links.join('')}</ul></details>`;
      })
      .join('\n');
  const write = (address, page) => put(`${address.slice(1)}.html`, frame({ ...page, assets, navigation: navigation(address) }));
  for (const [i, { address }] of all.entries()) {
    const page = rendered.get(address);
    const step = (way, other) =>
      other
        ? `<a rel="${way}" href="${other.address}">${way === 'prev' ? '←' : ''} ${escaped(rendered.get(other.address).title)} ${way === 'next' ? '→' : ''}</a>`
        : '<span></span>';
    write(address, {
      title: page.title,
      description: page.lead,
      body: `<article>${page.html}</article><nav class="steps" aria-label="Neighbouring pages">${step('prev', all[i - 1])}${step('next', all[i + 1])}</nav>`,
      contents: contentsOf(page.headings),
    });
  }
  write('/docs', {
    title: 'Documentation',
    description: 'How to lend a device, run work, read prices and run a heap.',
    body: `<article><h1>Documentation</h1>${list.map((chapter) => overview(chapter, rendered)).join('')}</article>`,
    contents: '',
  });
  write('/docs/not-found', {
    title: 'There is no such page',
    description: '',
    body: '<article><h1>There is no such page</h1><p>The documentation has no page at this address. Search for what you need, or start at the <a href="/docs">overview</a>.</p></article>',
    contents: '',
  });
  for (const picture of pictures) put(picture, fs.readFileSync(path.join(root, picture)));
  const index = all.flatMap(({ address }) => {
    const { title, sections } = rendered.get(address);
    return sections.map(({ heading, anchor, text }) => ({ address: `${address}#${anchor}`, page: title, heading, text }));
  });
  put('docs/search.json', JSON.stringify(index));
  return files;
}

/** The script and the style of the pages, under names that hold their hash. */
async function buildAssets(root, folder, target, put) {
  const { outputFiles } = await build({
    entryPoints: { docs: path.join(root, 'apps/console/src/docs/docs.ts') },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target,
    write: false,
    logLevel: 'warning',
  });
  const assets = {};
  for (const { path: file, contents } of outputFiles) {
    const { name, ext } = path.parse(file);
    const hashed = `assets/${name}-${createHash('sha256').update(contents).digest('base64url').slice(0, 8)}${ext}`;
    put(hashed, contents);
    assets[ext.slice(1)] = `/${hashed}`;
  }
  return assets;
}

function contentsOf(headings) {
  const listed = headings.filter(({ depth }) => depth === CONTENTS_DEPTH_MAX);
  if (listed.length < 2) return '';
  return `<nav class="contents" aria-labelledby="contents"><h2 id="contents">On this page</h2><ul>${listed
    .map(({ anchor, text }) => `<li><a href="#${anchor}">${escaped(text)}</a></li>`)
    .join('')}</ul></nav>`;
}

function overview({ title, documents }, rendered) {
  if (title === 'Decisions')
    return `<h2>${title}</h2><p>What was decided, what forced it and what follows: <a href="/docs/adr">all decisions</a>.</p>`;
  const entry = ({ address }) => {
    const page = rendered.get(address);
    return `<li><a href="${address}">${escaped(page.title)}</a><span>${escaped(firstSentence(page.lead))}</span></li>`;
  };
  return `<h2>${title}</h2><ul class="overview">${documents.map(entry).join('')}</ul>`;
}

const firstSentence = (text) => /^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;

const frame = ({ title, description, body, contents, navigation, assets }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Open Heaps</title>
<meta name="description" content="${escaped(description.slice(0, 200))}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/join/icons/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assets.css}">
<script type="module" src="${assets.js}"></script>
</head>
<body>
<a class="skip" href="#page">Skip to the text</a>
<header>
<a class="home" href="/">Open Heap</a>
<a href="/docs">Documentation</a>
<a class="all" href="#pages">All pages</a>
<form role="search" action="/docs" hidden>
<label for="search">Search</label>
<input id="search" type="search" autocomplete="off" placeholder="Search the documentation" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list">
<div id="found" role="listbox" aria-label="Found" hidden></div>
<p id="told" role="status"></p>
</form>
</header>
<div class="columns">
<main id="page" tabindex="-1">
${contents}
${body}
</main>
<nav id="pages" class="pages" aria-label="Documentation" tabindex="-1">
${navigation}
</nav>
</div>
</body>
</html>
`;
