function* tokens(source) {
  for (const [text] of source.matchAll(/\d+|[-+*/()]/g)) yield text;
}
export default (input) => {
  const source = input ?? '(1+2)*3-4*(5-6)/2'.concat('+(7*8-9)'.repeat(150));
  const list = [...tokens(source)];
  let at = 0;
  const atom = () => {
    if (list[at] !== '(') return Number(list[at++]);
    at++;
    const value = sum();
    at++;
    return value;
  };
  const product = () => {
    let v = atom();
    while (list[at] === '*' || list[at] === '/') v = list[at++] === '*' ? v * atom() : v / atom();
    return v;
  };
  const sum = () => {
    let v = product();
    while (list[at] === '+' || list[at] === '-') v = list[at++] === '+' ? v + product() : v - product();
    return v;
  };
  return sum();
};
