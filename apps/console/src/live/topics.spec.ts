import { type Heard, Topics } from './topics.js';

function world() {
  const waiting: (() => void)[] = [];
  const carried: string[] = [];
  const topics = new Topics((work) => waiting.push(work));
  topics.carriedBy({ want: (topic) => carried.push(`+${topic}`), unwant: (topic) => carried.push(`-${topic}`) });
  const passes = () => {
    for (const work of waiting.splice(0)) work();
  };
  return { topics, carried, passes };
}

test('what several listen to is given up when the last has left for a while', () => {
  const { topics, carried, passes } = world();
  const heard: Heard[] = [];
  const [one, two] = [topics.listen('jobs', (why) => heard.push(why)), topics.listen('jobs', (why) => heard.push(why))];
  topics.tell('jobs');
  one();
  passes();
  topics.tell('jobs', 'missed');
  two();
  const three = topics.listen('jobs', () => {});
  passes();
  expect(carried).not.toContain('-jobs');
  three();
  passes();
  expect([carried.at(-1), heard]).toEqual(['-jobs', ['news', 'news', 'missed']]);
});

test('the clock of a page is called as a page must call it', () => {
  const before = globalThis.setTimeout;
  let called_on: unknown = 'nothing';
  globalThis.setTimeout = function (this: unknown) {
    called_on = this;
    return 0;
  } as never;
  try {
    new Topics().listen('jobs', () => {})();
  } finally {
    globalThis.setTimeout = before;
  }
  expect(called_on === undefined || called_on === globalThis).toBe(true);
});
