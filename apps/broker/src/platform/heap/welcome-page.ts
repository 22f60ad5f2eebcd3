import { VERSION } from './version.js';

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Open Heap</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 38em; margin: 3em auto; padding: 0 1em; color-scheme: light dark; }
  code { background: color-mix(in srgb, currentColor 10%, transparent); padding: .1em .3em; border-radius: .2em; }
</style>
<h1>This is an open heap</h1>
<p>A market for the idle capacity of devices people already own. Owners lend slots of their devices and are paid for work
done; developers run small, sandboxed tasks on them and pay for what was computed.</p>
<p><a href="/join"><strong>Let this device join</strong></a>: one press, and it earns.</p>
<ul>
  <li><a href="/v1/heap">The heap at a glance</a></li>
  <li><a href="/openapi.json">Its HTTP interface</a>, as an OpenAPI document</li>
  <li><a href="/readyz">Is it well?</a></li>
</ul>
<p>From a shell: <code>heap map fn.js inputs.jsonl</code> runs a function over many inputs, <code>heap agent CODE</code> lends a device.</p>
<p><small>Open Heaps ${VERSION}</small></p>
</html>
`;

export const welcomePage = (): string => PAGE;
