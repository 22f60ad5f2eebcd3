#include "table.h"

#include "lexer.h"

Row Index::key(const Row& row) const {
  Row key;
  for (int column : columns) key.push_back(row[static_cast<size_t>(column)]);
  return key;
}

int Table::column(const std::string& wanted) const {
  for (size_t i = 0; i < columns.size(); i++)
    if (upper(columns[i].name) == upper(wanted)) return static_cast<int>(i);
  return -1;
}

int Table::id_column() const {
  for (size_t i = 0; i < columns.size(); i++)
    if (columns[i].primary_key && columns[i].affinity == Affinity::Integer) return static_cast<int>(i);
  return -1;
}

const Index* Table::index_on(int column) const {
  for (const auto& index : indexes)
    if (index->columns.front() == column) return index.get();
  return nullptr;
}

void Table::add_index(std::unique_ptr<Index> index) {
  for (auto cursor = rows.begin(); cursor.valid(); cursor.next()) {
    Row key = index->key(cursor.data());
    if (index->unique) {
      auto same = index->entries.from(key);
      if (same.valid() && !key.front().is_null() && std::equal(key.begin(), key.end(), same.key().begin(), [](auto& a, auto& b) { return compare(a, b) == 0; }))
        fail("the values of index " + index->name + " are not unique");
    }
    key.push_back(Value(cursor.key()));
    index->entries.insert(key, {});
  }
  indexes.push_back(std::move(index));
}

int64_t Table::next_id() const { return last_id_ + 1; }

int64_t Table::conflict(const Row& row, int64_t id, int64_t but, std::string& where) const {
  if (id != but && rows.find(id)) {
    where = name + (id_column() < 0 ? "" : "." + columns[static_cast<size_t>(id_column())].name);
    return id;
  }
  for (const auto& index : indexes) {
    if (!index->unique) continue;
    const Row key = index->key(row);
    bool has_null = false;
    for (const Value& value : key) has_null |= value.is_null();
    if (has_null) continue;
    for (auto cursor = index->entries.from(key); cursor.valid(); cursor.next()) {
      for (size_t i = 0; i < key.size(); i++)
        if (compare(key[i], cursor.key()[i]) != 0) goto next_index;
      if (const int64_t other = cursor.key().back().integer(); other != but) return where = index->name, other;
    }
  next_index:;
  }
  return 0;
}

void Table::put(int64_t id, const Row& row) {
  rows.insert(id, row);
  last_id_ = std::max(last_id_, id);
  for (const auto& index : indexes) {
    Row key = index->key(row);
    key.push_back(Value(id));
    index->entries.insert(key, {});
  }
}

Row Table::take(int64_t id) {
  Row row = *rows.find(id);
  for (const auto& index : indexes) {
    Row key = index->key(row);
    key.push_back(Value(id));
    index->entries.erase(key);
  }
  rows.erase(id);
  return row;
}

Table* Database::find(const std::string& name) {
  const auto found = tables_.find(upper(name));
  return found == tables_.end() ? nullptr : found->second.get();
}

Table& Database::table(const std::string& name) {
  if (Table* found = find(name)) return *found;
  fail("there is no table " + name);
}

void Database::create(const CreateTable& def) {
  if (find(def.name)) {
    if (def.if_not_exists) return;
    fail("there is a table " + def.name + " already");
  }
  auto table = std::make_unique<Table>();
  table->name = def.name;
  table->columns = def.columns;
  for (size_t i = 0; i < def.columns.size(); i++) {
    if (!def.columns[i].unique || static_cast<int>(i) == table->id_column()) continue;
    auto index = std::make_unique<Index>();
    index->name = def.name + "." + def.columns[i].name;
    index->columns = {static_cast<int>(i)};
    index->unique = true;
    table->add_index(std::move(index));
  }
  tables_[upper(def.name)] = std::move(table);
}

void Database::create(const CreateIndex& def) {
  Table& on = table(def.table);
  auto index = std::make_unique<Index>();
  index->name = def.name;
  index->unique = def.unique;
  for (const std::string& name : def.columns) {
    index->columns.push_back(on.column(name));
    if (index->columns.back() < 0) fail("the table " + on.name + " has no column " + name);
  }
  on.add_index(std::move(index));
}

void Database::drop(const Drop& def) {
  if (open_) fail("a table cannot be dropped within a transaction");
  if (!tables_.erase(upper(def.table)) && !def.if_exists) fail("there is no table " + def.table);
}

void Database::insert(Table& table, int64_t id, const Row& row) {
  table.put(id, row);
  if (open_) log_.push_back({&table, id, true, {}});
}

void Database::erase(Table& table, int64_t id) {
  Row row = table.take(id);
  if (open_) log_.push_back({&table, id, false, std::move(row)});
}

void Database::transact(Transaction transaction) {
  if (open_ == (transaction == Transaction::Begin)) fail(open_ ? "a transaction is open already" : "no transaction is open");
  open_ = transaction == Transaction::Begin;
  if (transaction == Transaction::Rollback)
    for (auto change = log_.rbegin(); change != log_.rend(); ++change) {
      if (change->inserted) change->table->take(change->id);
      else change->table->put(change->id, change->row);
    }
  log_.clear();
}
