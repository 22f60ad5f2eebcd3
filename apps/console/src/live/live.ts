import { heap } from '../http/heap.js';
import { queryClient } from '../http/query-client.js';
import { type Me, meQuery } from '../http/use-me.js';
import { LiveConnection, type Socket } from './connection.js';
import { topics } from './topics.js';

/** Out of sight for longer than this nobody looks. */
const HIDDEN_MS = 60_000;

function openSocket(): Socket {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/live`);
  const ours: Socket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
    close: () => {
      // Closed before it is open, it would complain in the browser's console.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
      else socket.close();
    },
  };
  socket.onopen = () => ours.onopen?.();
  socket.onmessage = (event) => ours.onmessage?.(event);
  socket.onclose = (event) => ours.onclose?.(event);
  return ours;
}

/** The page's one live connection. */
export const live = new LiveConnection({
  openSocket,
  ticket: async () => {
    if ((await queryClient.ensureQueryData(meQuery)) === null) return null;
    return (await heap.POST('/v1/live/tickets')).data?.ticket ?? null;
  },
  heard: (topic, why) => topics.tell(topic, why),
  over: () => void queryClient.invalidateQueries({ queryKey: meQuery.queryKey }),
  now_ms: Date.now,
  later: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
});

/** Begins to carry topics: by sight, network and sign-in of the page. */
export function goLive(): void {
  topics.carriedBy(live);
  let hidden: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => live.pause(), HIDDEN_MS);
    else live.resume();
  });
  addEventListener('online', () => live.resume());
  // A page that the browser puts aside and takes up again has lost its socket without a word.
  addEventListener('pageshow', ({ persisted }) => persisted && live.restart());
  let who: string | null | undefined;
  queryClient.getQueryCache().subscribe(({ query }) => {
    if (query.queryHash !== WHO) return;
    const me = query.state.data as Me | null | undefined;
    if (me === undefined) return;
    const now = me?.id ?? null;
    if (who !== undefined && who !== now) live.restart();
    who = now;
  });
}

const WHO = JSON.stringify(meQuery.queryKey);
