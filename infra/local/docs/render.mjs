// One Markdown document as HTML: headings with anchors, code coloured, links to other documents turned into links to their pages.
import path from 'node:path';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import typescript from 'highlight.js/lib/languages/typescript';
import { Marked } from 'marked';

for (const [name, language] of Object.entries({ bash, javascript, json, typescript })) hljs.registerLanguage(name, language);

export const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const OUTSIDE = /^[a-z][a-z0-9+.-]*:/i;

/** As GitHub makes the anchor of a heading, so that a link works in both places. */
export const anchorOf = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** The words of inline tokens. */
const wordsOf = (tokens = []) =>
  tokens.map((token) => (token.tokens ? wordsOf(token.tokens) : token.type === 'br' ? ' ' : unmarked(token.text ?? ''))).join('');
const unmarked = (text) =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name]);

/** The words of a whole block, for the search. */
const textOf = (token) => {
  if (token.type === 'table')
    return [token.header, ...token.rows].map((row) => row.map(({ tokens }) => wordsOf(tokens)).join(' ')).join(' ');
  if (token.type === 'list') return token.items.map((item) => item.tokens.map(textOf).join(' ')).join(' ');
  if (token.type === 'code') return token.text;
  if (token.type === 'blockquote') return token.tokens.map(textOf).join(' ');
  return token.tokens ? wordsOf(token.tokens) : '';
};

/**
 * @param {string} source Markdown
 * @param {string} file its path in the repository
 * @param {(target: string) => string | null} addressOf the page or picture of a path in the repository, null where there is none
 * @returns {{ title: string, lead: string, html: string, headings: object[], sections: object[] }}
 */
export function render(source, file, addressOf) {
  const headings = [];
  const sections = [];
  const anchors = new Map();
  const resolve = (href) => {
    const [target = '', anchor] = href.split('#', 2);
    if (target === '') return `#${anchor}`;
    const address = addressOf(path.posix.normalize(path.posix.join(path.posix.dirname(file), target)).replace(/\/$/, ''));
    return address && (anchor ? `${address}#${anchor}` : address);
  };
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const text = wordsOf(tokens);
        const plain = anchorOf(text);
        const times = anchors.get(plain) ?? 0;
        anchors.set(plain, times + 1);
        const anchor = times === 0 ? plain : `${plain}-${times}`;
        headings.push({ depth, text, anchor });
        const link = depth === 1 ? '' : ` <a class="anchor" href="#${anchor}" aria-label="Link to “${escaped(text)}”">#</a>`;
        return `<h${depth} id="${anchor}">${this.parser.parseInline(tokens)}${link}</h${depth}>\n`;
      },
      code({ text, lang }) {
        const language = { sh: 'bash', js: 'javascript', ts: 'typescript' }[lang] ?? lang;
        const html = language && hljs.getLanguage(language) ? hljs.highlight(text, { language }).value : escaped(text);
        return `<pre tabindex="0"><code>${html}</code></pre>\n`;
      },
      // A wide table scrolls by itself; the page never does.
      table(token) {
        const cell = ({ tokens, header, align }) => {
          const tag = header ? 'th' : 'td';
          return `<${tag}${align ? ` class="${align}"` : ''}>${this.parser.parseInline(tokens)}</${tag}>`;
        };
        const row = (cells) => `<tr>${cells.map(cell).join('')}</tr>`;
        const head = token.header.some(({ text }) => text.trim() !== '') ? `<thead>${row(token.header)}</thead>` : '';
        return `<div class="table" tabindex="0" role="region" aria-label="Table"><table>${head}<tbody>${token.rows.map(row).join('')}</tbody></table></div>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        if (OUTSIDE.test(href)) return `<a href="${escaped(href)}" rel="noopener noreferrer">${text}</a>`;
        const address = resolve(href);
        // A source file has no page; its path is what a reader of the repository needs.
        return address ? `<a href="${escaped(address)}">${text}</a>` : `<span title="${escaped(href)}">${text}</span>`;
      },
      image({ href, text }) {
        const address = OUTSIDE.test(href) ? null : resolve(href);
        return address ? `<img src="${escaped(address)}" alt="${escaped(text)}" loading="lazy">` : escaped(text);
      },
      html: ({ text }) => (text.startsWith('<!--') ? '' : /^<br>$/.test(text.trim()) ? '<br>' : escaped(text)),
    },
  });
  const tokens = marked.lexer(source);
  const html = marked.parser(tokens);
  const at = headings.values();
  for (const token of tokens) {
    if (token.type === 'heading') {
      const { text, anchor } = at.next().value;
      sections.push({ heading: text, anchor, text: '' });
    } else if (sections.length > 0) sections.at(-1).text = `${sections.at(-1).text} ${textOf(token)}`.replace(/\s+/g, ' ').trim();
  }
  const lead = tokens.find(({ type }) => type === 'paragraph');
  return { title: headings[0]?.text ?? file, lead: lead ? wordsOf(lead.tokens).replace(/\s+/g, ' ') : '', html, headings, sections };
}
