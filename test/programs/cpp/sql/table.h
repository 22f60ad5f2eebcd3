// Tables and indexes, and the log that takes a transaction back.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "ast.h"
#include "btree.h"

struct Index {
  std::string name;
  std::vector<int> columns;
  bool unique = false;

  /** The values of the indexed columns, then the row's id. */
  struct Empty {};
  BTree<Row, Empty, RowLess> entries;

  Row key(const Row& row) const;
};

class Table {
 public:
  std::string name;
  std::vector<ColumnDef> columns;
  std::vector<std::unique_ptr<Index>> indexes;
  BTree<int64_t, Row, std::less<int64_t>> rows;

  /** -1 for none. */
  int column(const std::string& name) const;
  /** Which column is an integer primary key, and so the row's id; -1 for none. */
  int id_column() const;
  /** An index whose first column is this one; null for none. */
  const Index* index_on(int column) const;
  void add_index(std::unique_ptr<Index> index);

  int64_t next_id() const;
  /** The id of a row that has the same value where values must be unique; 0 for none. `but` is not looked at. */
  int64_t conflict(const Row& row, int64_t id, int64_t but, std::string& where) const;
  void put(int64_t id, const Row& row);
  Row take(int64_t id);

 private:
  int64_t last_id_ = 0;
};

class Database {
 public:
  Table& table(const std::string& name);
  Table* find(const std::string& name);
  void create(const CreateTable& def);
  void create(const CreateIndex& def);
  void drop(const Drop& def);

  void insert(Table& table, int64_t id, const Row& row);
  void erase(Table& table, int64_t id);
  void transact(Transaction transaction);

 private:
  struct Change {
    Table* table;
    int64_t id;
    /** Was it put in, or taken out with this content? */
    bool inserted;
    Row row;
  };
  std::map<std::string, std::unique_ptr<Table>> tables_;
  std::vector<Change> log_;
  bool open_ = false;
};
