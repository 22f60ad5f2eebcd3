// Resolving names, choosing paths, and running queries.
#pragma once
#include <map>
#include <optional>

#include "table.h"

/** The rows that the sources of a query stand at, and those of the queries around it. */
struct Frame {
  std::vector<const Row*> rows;
  const std::vector<Value>* aggregates = nullptr;
  const Frame* outer = nullptr;
};

/** How a source is gone through. */
struct Path {
  enum class Kind { Scan, Id, Index, Hash };
  Kind kind = Kind::Scan;
  const Index* index = nullptr;
  int column = -1;
  const Expr *equal = nullptr, *low = nullptr, *high = nullptr;
};

struct Source {
  std::string alias;
  std::vector<std::string> columns;
  Table* table = nullptr;
  Select* select = nullptr;
  Join join = Join::Inner;
  /** What a row must satisfy as soon as it is there: to be joined, and to be kept. */
  std::vector<const Expr*> on, where;
  Path path;
  Row nulls;
};

using Rows = std::shared_ptr<const std::vector<Row>>;

struct Bound {
  std::vector<Source> sources;
  std::vector<const Expr*> outputs, groups, aggregates, constant;
  std::vector<std::string> names;
  std::vector<ExprPtr> owned;
  bool grouped = false;
  /** Does it look at rows of queries around it? If not, its result is kept. */
  bool correlated = false;
  Rows result;
};

struct Scope {
  Bound* bound = nullptr;
  Scope* outer = nullptr;
  std::map<std::string, Select*> with;
  /** The last source that a name resolved to since it was set to -1. */
  int reach = -1;
};

Value evaluate(const Expr& expr, const Frame& frame);
/** Resolves the names of an expression; of aggregates too, where they may stand. */
void bind(Expr& expr, Scope& scope, Database& database, bool aggregates = false);
void bind(Select& select, Scope* outer, Database& database);
/** Makes a table the one source of a scope, for UPDATE and DELETE. */
void bind_table(Scope& scope, Bound& bound, Table& table);
Rows run(Select& select, const Frame* outer);
/** One line for each source. */
std::vector<std::string> explain(const Select& select);
