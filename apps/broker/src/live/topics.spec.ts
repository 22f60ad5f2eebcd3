import { LIVE_LIMITS, type LiveTopic, liveTopic } from '#protocol';
import { Topics } from './topics.js';

const topic = liveTopic('earnings') as LiveTopic;

/** Topics under a clock that is set by hand. */
function world(epoch = 'e') {
  let now_ms = 1_000;
  let timers: { at_ms: number; work: () => void }[] = [];
  const topics = new Topics({ epoch, now_ms: () => now_ms, later: (ms, work) => timers.push({ at_ms: now_ms + ms, work }) });
  const passes = (ms: number) => {
    const end_ms = now_ms + ms;
    for (;;) {
      const next = timers.filter((t) => t.at_ms <= end_ms).sort((a, b) => a.at_ms - b.at_ms)[0];
      if (!next) break;
      timers = timers.filter((t) => t !== next);
      now_ms = next.at_ms;
      next.work();
    }
    now_ms = end_ms;
  };
  const hearer = () => {
    const heard: { topic: string; cursor: string }[][] = [];
    return { heard, hint: (hints: string) => void heard.push(JSON.parse(`[${hints}]`)) };
  };
  return { topics, passes, hearer, timers: () => timers.length };
}

test('many changes are one hint at once and one each quarter of a second after it, and the last one is not lost', () => {
  const { topics, passes, hearer } = world();
  const ada = hearer();
  topics.add(ada, 'k', 'earnings', topic, undefined);
  for (let ms = 0; ms < 1_000; ms += 10) {
    topics.changed('k');
    passes(10);
  }
  expect(ada.heard.length).toBeLessThanOrEqual(4);
  passes(1_000);
  expect(ada.heard.at(-1)).toEqual([{ topic: 'earnings', cursor: 'e.100' }]);
});

test('what changes together is told together, to each what they hear', () => {
  const { topics, passes, hearer } = world();
  const [ada, ben] = [hearer(), hearer()];
  topics.add(ada, 'a', 'earnings', topic, undefined);
  topics.add(ada, 'b', 'nodes', topic, undefined);
  topics.add(ben, 'b', 'nodes', topic, undefined);
  topics.changed('a');
  topics.changed('b');
  topics.changed('nobody');
  passes(100);
  expect(ada.heard).toEqual([
    [
      { topic: 'earnings', cursor: 'e.1' },
      { topic: 'nodes', cursor: 'e.1' },
    ],
  ]);
  expect(ben.heard).toEqual([[{ topic: 'nodes', cursor: 'e.1' }]]);
});

test('who comes back is told whether something was missed', () => {
  const { topics, hearer } = world();
  const [ada, again] = [hearer(), hearer()];
  const { cursor, missed } = topics.add(ada, 'k', 'earnings', topic, undefined);
  expect(missed).toBe('nothing');
  topics.remove(ada, 'k');
  expect(topics.add(again, 'k', 'earnings', topic, cursor).missed).toBe('nothing');
  topics.remove(again, 'k');
  topics.changed('k');
  expect(topics.add(again, 'k', 'earnings', topic, cursor).missed).toBe('something');
  expect(world('other').topics.add(ada, 'k', 'earnings', topic, cursor).missed).toBe('unknown');
});

test('what nobody has heard for five minutes is forgotten, and the oldest of too many', () => {
  const { topics, passes, hearer } = world();
  const ada = hearer();
  const came = (key: string, after?: string) => topics.add(ada, key, 'earnings', topic, after);
  const went = (key: string) => topics.remove(ada, key);
  const { cursor } = came('old');
  went('old');
  passes(LIVE_LIMITS.remembered_ms);
  expect(came('old', cursor).missed).toBe('unknown');
  went('old');
  for (let i = 0; i < LIVE_LIMITS.remembered_topics; i++) {
    came(`${i}`);
    went(`${i}`);
  }
  expect(came('1', 'e.0').missed).toBe('nothing');
  expect(came('old', cursor).missed).toBe('unknown');
});

test('when events were missed everybody is told of everything', () => {
  const { topics, passes, hearer } = world();
  const ada = hearer();
  topics.add(ada, 'a', 'earnings', topic, undefined);
  topics.allChanged();
  passes(100);
  expect(ada.heard).toHaveLength(1);
});

test('changes of topics without hearers set no clock', () => {
  const { topics, hearer, timers } = world();
  const ada = hearer();
  topics.add(ada, 'k', 'earnings', topic, undefined);
  topics.remove(ada, 'k');
  topics.changed('k');
  topics.changed('never');
  expect(timers()).toBe(0);
});
