/** A script for `cpp/sql.wasm`, and what it must print: worked out here, without a database. */
export interface Workload {
  sql: string;
  printed: string;
}

/** The script that every device is compared by. */
export const DATABASE = { seed: 1, orders: 400 };

interface Customer {
  id: number;
  name: string;
  city: string;
}
interface Order {
  id: number;
  customer: number;
  day: number;
  cents: number;
  open: number;
}

type Cell = string | number | null;

const CITIES = ['Oslo', 'Porto', 'Quito', 'Riga', 'Sofia', "L'Aquila"];

/** Numerical Recipes' linear congruential generator: the same rows every time. */
function* numbers(seed: number): Generator<number, never, void> {
  for (let x = seed >>> 0; ; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x >>> 8;
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const lines = (rows: readonly (readonly Cell[])[]) => rows.map((row) => `${row.map((cell) => cell ?? '').join('|')}\n`).join('');
const by =
  <T>(...keys: ((row: T) => number | string)[]) =>
  (a: T, b: T) => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  };

function rowsOf(seed: number, size: number) {
  const random = numbers(seed);
  const below = (n: number) => random.next().value % n;
  const customers: Customer[] = Array.from({ length: Math.max(1, size >> 3) }, (_, i) => ({
    id: i + 1,
    name: `customer ${String.fromCharCode(97 + below(26))}${i}`,
    city: CITIES[below(CITIES.length)] as string,
  }));
  // Some customers have no order, some orders no customer.
  const orders: Order[] = Array.from({ length: size }, (_, i) => ({
    id: i + 1,
    customer: 1 + below(customers.length + 3),
    day: below(365),
    cents: 100 + below(100_000),
    open: below(2),
  }));
  return { customers, orders };
}

function inserts(table: string, rows: readonly object[]): string {
  const text: string[] = [];
  for (let i = 0; i < rows.length; i += 50) {
    const some = rows.slice(i, i + 50).map(
      (row) =>
        `(${Object.values(row)
          .map((v) => (typeof v === 'string' ? quoted(v) : v))
          .join(', ')})`,
    );
    text.push(`INSERT INTO ${table} VALUES ${some.join(', ')};\n`);
  }
  return text.join('');
}

/** Joins, groups, orders, subqueries, updates, deletes, an index and a transaction taken back, over `size` orders. */
export function workload(seed: number, size: number): Workload {
  const { customers, orders } = rowsOf(seed, size);
  const filled = `${inserts('customers', customers)}${inserts('orders', orders)}`;
  const steps: [sql: string, rows: Cell[][]][] = [];
  const sum = (some: readonly Order[]) => some.reduce((total, { cents }) => total + cents, 0);
  const ofCity = (city: string) => {
    const ids = new Set(customers.filter((c) => c.city === city).map((c) => c.id));
    return orders.filter((o) => ids.has(o.customer));
  };
  const count = () => [[orders.length, sum(orders)]];

  steps.push(['SELECT COUNT(*), SUM(cents) FROM orders', count()]);
  const cities = [...new Set(customers.map((c) => c.city))]
    .map((city) => ({ city, some: ofCity(city) }))
    .filter(({ some }) => some.length > 0);
  steps.push([
    'SELECT c.city, COUNT(*) AS n, SUM(o.cents), MIN(o.day), MAX(o.day), COUNT(DISTINCT o.customer) FROM orders o JOIN customers c ON c.id = o.customer GROUP BY c.city HAVING COUNT(*) > 0 ORDER BY n DESC, c.city',
    cities
      .sort(
        by(
          ({ some }) => -some.length,
          ({ city }) => city,
        ),
      )
      .map(({ city, some }) => [
        city,
        some.length,
        sum(some),
        Math.min(...some.map((o) => o.day)),
        Math.max(...some.map((o) => o.day)),
        new Set(some.map((o) => o.customer)).size,
      ]),
  ]);
  steps.push([
    'SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer = c.id AND o.cents > 90000 WHERE c.id <= 40 ORDER BY c.id, o.id LIMIT 30 OFFSET 2',
    customers
      .filter((c) => c.id <= 40)
      .flatMap((c): Cell[][] => {
        const own = orders.filter((o) => o.customer === c.id && o.cents > 90_000);
        return own.length ? own.map((o) => [c.name, o.id]) : [[c.name, null]];
      })
      .slice(2, 32),
  ]);
  const average = sum(orders) / orders.length;
  steps.push([
    "SELECT id FROM orders WHERE cents > (SELECT AVG(cents) FROM orders) AND day BETWEEN 100 AND 130 AND customer IN (SELECT id FROM customers WHERE city = 'L''Aquila') ORDER BY id",
    ofCity("L'Aquila")
      .filter((o) => o.cents > average && o.day >= 100 && o.day <= 130)
      .map((o) => [o.id]),
  ]);
  const richest = (c: Customer) => Math.max(...orders.filter((o) => o.customer === c.id).map((o) => o.cents));
  steps.push([
    'SELECT name, (SELECT MAX(cents) FROM orders WHERE customer = c.id) AS most FROM customers c WHERE EXISTS (SELECT 1 FROM orders WHERE customer = c.id AND open = 1) ORDER BY most DESC, name LIMIT 10',
    customers
      .filter((c) => orders.some((o) => o.customer === c.id && o.open))
      .sort(
        by(
          (c) => -richest(c),
          (c) => c.name,
        ),
      )
      .slice(0, 10)
      .map((c) => [c.name, richest(c)]),
  ]);
  steps.push([
    "SELECT UPPER(SUBSTR(name, 10)), LENGTH(city), CASE WHEN city LIKE '%o' THEN 'o' WHEN city REGEXP '^[Rr]' THEN 'r' ELSE 'x' END FROM customers WHERE id % 7 = 0 ORDER BY id",
    customers
      .filter((c) => c.id % 7 === 0)
      .map((c) => [c.name.slice(9).toUpperCase(), c.city.length, /o$/i.test(c.city) ? 'o' : /^r/i.test(c.city) ? 'r' : 'x']),
  ]);
  steps.push([
    "SELECT city FROM customers WHERE id < 9 UNION SELECT city FROM customers WHERE id > 15 EXCEPT SELECT 'Riga' ORDER BY city",
    [...new Set(customers.filter((c) => c.id < 9 || c.id > 15).map((c) => c.city))]
      .filter((city) => city !== 'Riga')
      .sort()
      .map((city) => [city]),
  ]);

  steps.push([
    'BEGIN; DELETE FROM orders WHERE open = 1; UPDATE orders SET cents = 0; ROLLBACK; SELECT COUNT(*), SUM(cents) FROM orders',
    count(),
  ]);
  for (const order of orders) if (order.day < 50) [order.cents, order.customer] = [order.cents * 2, 1];
  steps.push(['UPDATE orders SET cents = cents * 2, customer = 1 WHERE day < 50; SELECT COUNT(*), SUM(cents) FROM orders', count()]);
  steps.push(['EXPLAIN SELECT * FROM orders WHERE customer = 1', [['search orders by index by_customer']]]);
  steps.push(['SELECT COUNT(*) FROM orders WHERE customer = 1', [[orders.filter((o) => o.customer === 1).length]]]);
  orders.splice(0, orders.length, ...orders.filter((o) => o.id % 3 !== 0));
  steps.push(['DELETE FROM orders WHERE id % 3 = 0; SELECT COUNT(*), SUM(cents) FROM orders', count()]);
  steps.push([
    'SELECT o.day / 30 AS month, COUNT(*), SUM(o.open) FROM orders o WHERE o.day BETWEEN 60 AND 299 GROUP BY month ORDER BY month',
    Array.from({ length: 10 }, (_, month) => orders.filter((o) => Math.floor(o.day / 30) === month && o.day >= 60 && o.day <= 299))
      .map((some, month) => [month, some.length, some.reduce((n, o) => n + o.open, 0)])
      .filter(([, n]) => (n as number) > 0),
  ]);

  const tables = `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, day INTEGER, cents INTEGER, open INTEGER DEFAULT 1);
CREATE INDEX by_customer ON orders (customer);
CREATE INDEX by_day ON orders (day);
`;
  return {
    sql: `${tables}${filled}${steps.map(([sql]) => `${sql};\n`).join('')}`,
    printed: steps.map(([, rows]) => lines(rows)).join(''),
  };
}
