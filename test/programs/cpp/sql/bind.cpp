#include <algorithm>

#include "functions.h"
#include "lexer.h"
#include "query.h"

namespace {
int position(const std::vector<std::string>& names, const std::string& wanted) {
  for (size_t i = 0; i < names.size(); i++)
    if (upper(names[i]) == upper(wanted)) return static_cast<int>(i);
  return -1;
}

/** Finds a column in the sources of one query; fails when two have it. */
bool resolve_in(Expr& e, const Bound& bound) {
  bool found = false;
  for (size_t i = 0; i < bound.sources.size(); i++) {
    const Source& source = bound.sources[i];
    if (!e.table.empty() && upper(source.alias) != upper(e.table)) continue;
    const int column = position(source.columns, e.name);
    if (column < 0) continue;
    if (found) fail("the column " + e.name + " is in several tables: name one");
    found = true;
    e.source = static_cast<int>(i);
    e.column = column;
  }
  return found;
}

void resolve(Expr& e, Scope& scope) {
  e.level = 0;
  for (Scope* at = &scope; at; at = at->outer, e.level++) {
    if (!resolve_in(e, *at->bound)) continue;
    at->reach = std::max(at->reach, e.source);
    // Every query in between depends on the one where it was found.
    for (Scope* inner = &scope; inner != at; inner = inner->outer) inner->bound->correlated = true;
    return;
  }
  fail("there is no column " + (e.table.empty() ? "" : e.table + ".") + e.name);
}

bool has_aggregate(const Expr& e) {
  if (e.kind == Expr::Kind::Call && is_aggregate(e.name, e.args.size())) return true;
  for (const auto& arg : e.args)
    if (has_aggregate(*arg)) return true;
  return false;
}

void conjuncts(const Expr* e, std::vector<const Expr*>& into) {
  if (e->kind == Expr::Kind::Binary && e->name == "AND") {
    conjuncts(e->args[0].get(), into);
    conjuncts(e->args[1].get(), into);
  } else {
    into.push_back(e);
  }
}

Select* named_query(Scope* scope, const std::string& name) {
  for (; scope; scope = scope->outer) {
    const auto found = scope->with.find(upper(name));
    if (found != scope->with.end()) return found->second;
  }
  return nullptr;
}

Source source_of(From& from, Scope* outer, Database& database) {
  Source source;
  source.alias = from.alias;
  source.join = from.join;
  source.select = from.select ? from.select.get() : named_query(outer, from.table);
  if (source.select) {
    if (!source.select->bound) bind(*source.select, outer, database);
    source.columns = source.select->bound->names;
  } else {
    source.table = &database.table(from.table);
    for (const ColumnDef& column : source.table->columns) source.columns.push_back(column.name);
  }
  source.nulls.resize(source.columns.size());
  return source;
}

/** The highest source of `scope` that an expression uses; it is resolved already, and is again. */
int reach_of(const Expr& e, Scope& scope, Database& database) {
  scope.reach = -1;
  bind(const_cast<Expr&>(e), scope, database);
  return scope.reach;
}

/** Is it a column of source `i`? Then which. */
int column_of(const Expr& e, int i) { return e.kind == Expr::Kind::Column && e.level == 0 && e.source == i ? e.column : -1; }

class Planner {
 public:
  Planner(Source& source, int i, Scope& scope, Database& database) : source_(source), i_(i), scope_(scope), database_(database) {}

  void consider(const Expr& e) {
    if (e.kind == Expr::Kind::Between && !e.negated) {
      range(*e.args[0], ">=", *e.args[1]);
      range(*e.args[0], "<=", *e.args[2]);
    }
    if (e.kind != Expr::Kind::Binary) return;
    static const std::map<std::string, std::string> kTurned = {{"=", "="}, {"<", ">"}, {">", "<"}, {"<=", ">="}, {">=", "<="}};
    const auto turned = kTurned.find(e.name);
    if (turned == kTurned.end()) return;
    range(*e.args[0], e.name, *e.args[1]);
    range(*e.args[1], turned->second, *e.args[0]);
  }

 private:
  void range(const Expr& left, const std::string& op, const Expr& right) {
    const int column = column_of(left, i_);
    if (column < 0 || reach_of(right, scope_, database_) >= i_) return;
    Path& path = source_.path;
    const bool is_id = source_.table && source_.table->id_column() == column;
    const Index* index = source_.table ? source_.table->index_on(column) : nullptr;
    if (op == "=") {
      if (path.kind == Path::Kind::Id) return;
      if (is_id) path = {Path::Kind::Id, nullptr, column, &right, nullptr, nullptr};
      else if (index && !(path.kind == Path::Kind::Index && path.equal)) path = {Path::Kind::Index, index, column, &right, nullptr, nullptr};
      else if (!index && i_ > 0 && path.kind == Path::Kind::Scan) path = {Path::Kind::Hash, nullptr, column, &right, nullptr, nullptr};
      return;
    }
    if (!index || path.equal || (path.kind == Path::Kind::Index && path.index != index)) return;
    path.kind = Path::Kind::Index;
    path.index = index;
    path.column = column;
    (op[0] == '<' ? path.high : path.low) = &right;
  }

  Source& source_;
  int i_;
  Scope& scope_;
  Database& database_;
};

void bind_conditions(Select& select, Bound& bound, Scope& scope, Database& database) {
  std::vector<const Expr*> kept;
  if (select.where) {
    bind(*select.where, scope, database);
    conjuncts(select.where.get(), kept);
  }
  for (size_t i = 0; i < select.from.size(); i++) {
    if (!select.from[i].on) continue;
    bind(*select.from[i].on, scope, database);
    std::vector<const Expr*> joined;
    conjuncts(select.from[i].on.get(), joined);
    for (const Expr* e : joined) {
      if (reach_of(*e, scope, database) > static_cast<int>(i)) fail("ON uses a table that is joined later");
      bound.sources[i].on.push_back(e);
    }
  }
  for (const Expr* e : kept) {
    const int reach = reach_of(*e, scope, database);
    if (reach < 0) bound.constant.push_back(e);
    else bound.sources[static_cast<size_t>(reach)].where.push_back(e);
  }
  for (size_t i = 0; i < bound.sources.size(); i++) {
    Source& source = bound.sources[i];
    Planner planner(source, static_cast<int>(i), scope, database);
    for (const Expr* e : source.on) planner.consider(*e);
    // What WHERE says of an outer-joined table holds after the join, not for it.
    if (source.join == Join::Inner)
      for (const Expr* e : source.where) planner.consider(*e);
  }
}

void bind_items(Select& select, Bound& bound, Scope& scope, Database& database) {
  for (Item& item : select.items) {
    if (item.expr->kind != Expr::Kind::Star) {
      bind(*item.expr, scope, database, true);
      bound.outputs.push_back(item.expr.get());
      bound.names.push_back(!item.alias.empty() ? item.alias : item.expr->kind == Expr::Kind::Column ? item.expr->name : "column" + std::to_string(bound.names.size() + 1));
      continue;
    }
    bool found = false;
    for (size_t i = 0; i < bound.sources.size(); i++) {
      const Source& source = bound.sources[i];
      if (!item.expr->table.empty() && upper(item.expr->table) != upper(source.alias)) continue;
      found = true;
      for (size_t column = 0; column < source.columns.size(); column++) {
        auto e = std::make_unique<Expr>();
        e->kind = Expr::Kind::Column;
        e->name = source.columns[column];
        e->source = static_cast<int>(i);
        e->column = static_cast<int>(column);
        bound.outputs.push_back(e.get());
        bound.names.push_back(e->name);
        bound.owned.push_back(std::move(e));
      }
    }
    if (!found) fail("there is nothing that * could stand for");
  }
}

/** Which output an ORDER BY or GROUP BY names, by its place or its alias; -1 for an expression of its own. */
int output_of(const Expr& e, const Select& select, const Bound& bound) {
  if (e.kind == Expr::Kind::Literal && e.value.is_integer()) {
    const int64_t place = e.value.integer();
    if (place < 1 || place > static_cast<int64_t>(bound.outputs.size())) fail("there is no column " + e.value.text() + " to order or group by");
    return static_cast<int>(place - 1);
  }
  if (e.kind != Expr::Kind::Column || !e.table.empty()) return -1;
  for (const Item& item : select.items)
    if (!item.alias.empty() && upper(item.alias) == upper(e.name)) return position(bound.names, e.name);
  return select.next ? position(bound.names, e.name) : -1;
}
}  // namespace

void bind(Expr& e, Scope& scope, Database& database, bool aggregates) {
  if (e.kind == Expr::Kind::Column) resolve(e, scope);
  if (e.select) {
    e.select->bound = nullptr;
    bind(*e.select, &scope, database);
  }
  const bool aggregate = e.kind == Expr::Kind::Call && is_aggregate(e.name, e.args.size());
  if (aggregate && !aggregates) fail("the aggregate " + e.name + " cannot stand here");
  for (auto& arg : e.args)
    if (!(aggregate && arg->kind == Expr::Kind::Star)) bind(*arg, scope, database, aggregates && !aggregate);
  // Names are resolved again when a path is looked for, then perhaps for a query that was bound anew.
  std::vector<const Expr*>& known = scope.bound->aggregates;
  if (aggregate && std::find(known.begin(), known.end(), &e) == known.end()) {
    e.aggregate = static_cast<int>(known.size());
    known.push_back(&e);
  }
}

void bind(Select& select, Scope* outer, Database& database) {
  select.bound = std::make_shared<Bound>();
  Bound& bound = *select.bound;
  Scope scope{&bound, outer, {}, -1};
  for (auto& [name, query] : select.with) {
    bind(*query, &scope, database);
    scope.with[upper(name)] = query.get();
  }
  for (From& from : select.from) {
    bound.sources.push_back(source_of(from, &scope, database));
  }
  bind_conditions(select, bound, scope, database);
  for (const Item& item : select.items) bound.grouped |= item.expr->kind != Expr::Kind::Star && has_aggregate(*item.expr);
  bound.grouped |= !select.group_by.empty() || select.having != nullptr;
  bind_items(select, bound, scope, database);
  for (auto& e : select.group_by) {
    const int output = output_of(*e, select, bound);
    if (output < 0) bind(*e, scope, database);
    bound.groups.push_back(output < 0 ? e.get() : bound.outputs[static_cast<size_t>(output)]);
  }
  if (select.having) bind(*select.having, scope, database, true);
  for (Order& order : select.order_by) {
    order.output = output_of(*order.expr, select, bound);
    if (order.output >= 0) continue;
    if (select.next) fail("what several queries give together is ordered by a column of the result");
    bind(*order.expr, scope, database, bound.grouped);
  }
  if (select.limit) bind(*select.limit, scope, database);
  if (select.offset) bind(*select.offset, scope, database);
  if (select.next) {
    Scope around{&bound, outer, scope.with, -1};
    Bound none;
    around.bound = &none;
    bind(*select.next, &around, database);
    if (select.next->bound->names.size() != bound.names.size()) fail("the queries that " + select.compound + " joins have different numbers of columns");
    bound.correlated |= none.correlated;
  }
}

void bind_table(Scope& scope, Bound& bound, Table& table) {
  Source source;
  source.alias = table.name;
  source.table = &table;
  for (const ColumnDef& column : table.columns) source.columns.push_back(column.name);
  bound.sources.push_back(std::move(source));
  scope.bound = &bound;
}
