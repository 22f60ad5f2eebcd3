/** A link that makes a browser a node, and what keeps other devices from using it. */
export interface JoinLink {
  /** The code is in the fragment, which no browser sends: it reaches no log of a server or proxy. */
  join_url: string;
  join_hint: string | null;
}

const ONLY_HERE =
  'This link opens on this machine only: start the heap with HEAP_HOST=0.0.0.0 and with HEAP_PUBLIC_URL set to an https address that other devices reach.';
const PLAIN_HTTP =
  'Browsers keep a device key only on pages that came over https: put a proxy with https before the heap and name its address in HEAP_PUBLIC_URL.';

export function joinLink(heap_url: string, code: string): JoinLink {
  return { join_url: `${heap_url}/join#${code}`, join_hint: hint(new URL(heap_url)) };
}

function hint({ protocol, hostname }: URL): string | null {
  if (/^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return ONLY_HERE;
  return protocol === 'https:' ? null : PLAIN_HTTP;
}
