// What a statement says, as the parser found it.
#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "value.h"

struct Select;
struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  enum class Kind { Literal, Column, Unary, Binary, Call, Case, In, InSelect, Between, Like, IsNull, Exists, Scalar, Star, Cast };
  Kind kind = Kind::Literal;
  /** Operator or function, in upper case; the name of a column; the type of a cast. */
  std::string name;
  /** Of a column or a star: the table it is taken from, if named. */
  std::string table;
  Value value;
  std::vector<ExprPtr> args;
  std::unique_ptr<Select> select;
  bool negated = false;
  /** Of an aggregate: each value once. */
  bool distinct = false;

  /** Set when names are resolved: so many queries further out, which of its sources, which column. */
  int level = 0, source = -1, column = -1;
  /** Which of the query's aggregates; -1 for none. */
  int aggregate = -1;
};

struct Item {
  ExprPtr expr;
  std::string alias;
};

struct Order {
  ExprPtr expr;
  bool descending = false;
  /** Which output column it is; -1 when it is an expression of its own. */
  int output = -1;
};

enum class Join { Inner, Left };

struct From {
  std::string table, alias;
  std::unique_ptr<Select> select;
  Join join = Join::Inner;
  ExprPtr on;
};

struct Bound;

struct Select {
  bool distinct = false;
  std::vector<Item> items;
  std::vector<From> from;
  ExprPtr where, having;
  std::vector<ExprPtr> group_by;
  std::vector<Order> order_by;
  ExprPtr limit, offset;
  /** UNION, UNION ALL, INTERSECT or EXCEPT with another query; it takes part before ordering. */
  std::string compound;
  std::unique_ptr<Select> next;
  /** WITH: named queries that FROM may use. */
  std::vector<std::pair<std::string, std::shared_ptr<Select>>> with;
  std::shared_ptr<Bound> bound;
};

struct ColumnDef {
  std::string name;
  Affinity affinity = Affinity::None;
  bool not_null = false, unique = false, primary_key = false;
  std::shared_ptr<Expr> fallback;
};

struct CreateTable {
  std::string name;
  std::vector<ColumnDef> columns;
  bool if_not_exists = false;
};
struct CreateIndex {
  std::string name, table;
  std::vector<std::string> columns;
  bool unique = false;
};
struct Drop {
  std::string table;
  bool if_exists = false;
};
struct Insert {
  std::string table;
  std::vector<std::string> columns;
  std::vector<std::vector<ExprPtr>> rows;
  std::unique_ptr<Select> select;
  bool replace = false;
};
struct Update {
  std::string table;
  std::vector<std::pair<std::string, ExprPtr>> set;
  ExprPtr where;
};
struct Delete {
  std::string table;
  ExprPtr where;
};
enum class Transaction { Begin, Commit, Rollback };
struct Query {
  std::unique_ptr<Select> select;
  bool explain = false;
};

using Statement = std::variant<Query, CreateTable, CreateIndex, Drop, Insert, Update, Delete, Transaction>;
