/** `npm run draw:icons`: the pictures of the installed page, drawn from its SVG by Chromium. */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { CHROMIUM } from './support/chromium.js';

const FOLDER = 'apps/console/public/join/icons';
/** A maskable picture is cut to any shape by the system: its corners are filled, and what matters lies in the middle four fifths. */
const ICONS = [
  { file: 'icon-180.png', size: 180, maskable: true },
  { file: 'icon-192.png', size: 192, maskable: false },
  { file: 'icon-512.png', size: 512, maskable: false },
  { file: 'icon-maskable-512.png', size: 512, maskable: true },
];

if (CHROMIUM === null) throw new Error('There is no Chromium here: install it, or name it in CHROMIUM_PATH.');
const svg = readFileSync(`${FOLDER}/icon.svg`, 'utf8');
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  for (const { file, size, maskable } of ICONS) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const drawn = maskable
      ? svg.replace('rx="112"', 'rx="0"').replace('<g ', '<g transform="translate(256 256) scale(.86) translate(-256 -256)" ')
      : svg;
    await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawn}`);
    await page.screenshot({ path: `${FOLDER}/${file}`, omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
