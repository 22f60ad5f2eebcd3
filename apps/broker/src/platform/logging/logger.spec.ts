import { createLogger } from './logger.js';

const logged = async (object: object) => {
  const lines: string[] = [];
  const logger = await createLogger({ log_level: 'info' }, { write: (line) => lines.push(line) });
  logger.info(object, 'said');
  logger.debug('not said');
  return lines;
};

test('a line is JSON with the time, the level and the message', async () => {
  const [line, ...rest] = await logged({ job_id: 'j' });
  expect(rest).toEqual([]);
  expect(JSON.parse(line ?? '')).toEqual({ level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), job_id: 'j', msg: 'said' });
});

test.each([
  [{ password: 'hunter2' }],
  [{ headers: { authorization: 'Bearer hunter2', cookie: 'hunter2', 'set-cookie': 'hunter2' } }],
  [{ req: { headers: { authorization: 'hunter2', 'set-cookie': 'hunter2' } } }],
  [{ body: { secret: 'hunter2', api_key: 'hunter2', enrolment_code: 'hunter2' } }],
  [{ token: 'hunter2' }],
])('no secret is in it: %j', async (object) => {
  const [line] = await logged(object);
  expect(line).toContain('***');
  expect(line).not.toContain('hunter2');
});
