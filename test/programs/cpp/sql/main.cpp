// A small SQL database: reads statements from standard input, keeps tables in memory, prints rows with | between the columns.
#include <iostream>
#include <iterator>

#include "parser.h"
#include "query.h"

namespace {
class Session {
 public:
  void operator()(Query& query) {
    bind(*query.select, nullptr, database_);
    if (query.explain) {
      for (const std::string& line : explain(*query.select)) std::cout << line << '\n';
      return;
    }
    for (const Row& row : *run(*query.select, nullptr)) {
      for (size_t i = 0; i < row.size(); i++) std::cout << (i ? "|" : "") << row[i].text();
      std::cout << '\n';
    }
  }

  void operator()(CreateTable& def) { database_.create(def); }
  void operator()(CreateIndex& def) { database_.create(def); }
  void operator()(Drop& def) { database_.drop(def); }
  void operator()(Transaction& transaction) { database_.transact(transaction); }

  void operator()(Insert& insert) {
    Table& table = database_.table(insert.table);
    std::vector<int> columns;
    for (const std::string& name : insert.columns) columns.push_back(column_of(table, name));
    if (insert.columns.empty())
      for (size_t i = 0; i < table.columns.size(); i++) columns.push_back(static_cast<int>(i));
    if (insert.select) {
      bind(*insert.select, nullptr, database_);
      for (const Row& values : *run(*insert.select, nullptr)) add(table, columns, values, insert.replace);
      return;
    }
    Bound none;
    Scope scope{&none, nullptr, {}, -1};
    for (auto& exprs : insert.rows) {
      Row values;
      for (auto& e : exprs) {
        bind(*e, scope, database_);
        values.push_back(evaluate(*e, {}));
      }
      add(table, columns, values, insert.replace);
    }
  }

  void operator()(Update& update) {
    Table& table = database_.table(update.table);
    Bound bound;
    Scope scope{};
    bind_table(scope, bound, table);
    std::vector<int> columns;
    for (auto& [name, e] : update.set) {
      columns.push_back(column_of(table, name));
      bind(*e, scope, database_);
    }
    // All new rows are worked out before the first is changed.
    std::vector<std::pair<int64_t, Row>> changed;
    for (const int64_t id : matching(table, update.where.get(), scope)) {
      const Row* old = table.rows.find(id);
      Frame frame{{old}, nullptr, nullptr};
      Row row = *old;
      for (size_t i = 0; i < columns.size(); i++) row[static_cast<size_t>(columns[i])] = evaluate(*update.set[i].second, frame);
      changed.emplace_back(id, std::move(row));
    }
    for (auto& [id, row] : changed) {
      check(table, row);
      const int id_column = table.id_column();
      const int64_t new_id = id_column < 0 ? id : row[static_cast<size_t>(id_column)].integer();
      std::string where;
      if (table.conflict(row, new_id, id, where)) fail("the value of " + where + " is there already");
      database_.erase(table, id);
      database_.insert(table, new_id, row);
    }
  }

  void operator()(Delete& gone) {
    Table& table = database_.table(gone.table);
    Bound bound;
    Scope scope{};
    bind_table(scope, bound, table);
    for (const int64_t id : matching(table, gone.where.get(), scope)) database_.erase(table, id);
  }

 private:
  static int column_of(const Table& table, const std::string& name) {
    const int column = table.column(name);
    if (column < 0) fail("the table " + table.name + " has no column " + name);
    return column;
  }

  std::vector<int64_t> matching(Table& table, Expr* where, Scope& scope) {
    if (where) bind(*where, scope, database_);
    std::vector<int64_t> ids;
    for (auto cursor = table.rows.begin(); cursor.valid(); cursor.next())
      if (!where || evaluate(*where, {{&cursor.data()}, nullptr, nullptr}).is_true()) ids.push_back(cursor.key());
    return ids;
  }

  static void check(const Table& table, Row& row) {
    for (size_t i = 0; i < row.size(); i++) {
      row[i] = with_affinity(std::move(row[i]), table.columns[i].affinity);
      if (row[i].is_null() && table.columns[i].not_null) fail(table.name + "." + table.columns[i].name + " may not be NULL");
    }
  }

  void add(Table& table, const std::vector<int>& columns, const Row& values, bool replace) {
    if (values.size() != columns.size()) fail("there are " + std::to_string(values.size()) + " values for " + std::to_string(columns.size()) + " columns");
    Row row;
    for (const ColumnDef& column : table.columns) row.push_back(column.fallback ? evaluate(*column.fallback, {}) : Value());
    for (size_t i = 0; i < columns.size(); i++) row[static_cast<size_t>(columns[i])] = values[i];
    int64_t id = table.next_id();
    if (const int id_column = table.id_column(); id_column >= 0) {
      Value& own = row[static_cast<size_t>(id_column)];
      own = own.is_null() ? Value(id) : with_affinity(own, Affinity::Integer);
      if (!own.is_integer()) fail("the id of a row is a whole number");
      id = own.integer();
    }
    check(table, row);
    std::string where;
    while (const int64_t other = table.conflict(row, id, 0, where)) {
      if (!replace) fail("the value of " + where + " is there already");
      database_.erase(table, other);
    }
    database_.insert(table, id, row);
  }

  Database database_;
};
}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  const std::string sql((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  Parser parser(tokenize(sql));
  Session session;
  while (auto statement = parser.next()) std::visit(session, *statement);
}
