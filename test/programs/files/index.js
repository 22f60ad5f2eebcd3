// ctx.files: an index of the words that the job gave, kept in scratch and read back.
export default (_, { files, env }) => {
  const index = new Map();
  for (const [at, word] of files.text('data/words.txt').split(' ').entries()) index.set(word, at);
  for (const [word, at] of index) files.write(`/tmp/words/${word}`, new Uint8Array([at]));
  const listed = files.list('/tmp/words').map(({ name, type, bytes }) => [name, type, bytes, files.read(`tmp/words/${name}`)[0]]);
  files.remove('/tmp/words/here');
  let code;
  try {
    files.write('/tmp/large', new Uint8Array(200_000));
  } catch (error) {
    code = error.message;
  }
  return { root: files.list(), listed, left: files.list('tmp/words').length, code, lang: env.LANG ?? null };
};
