#include <algorithm>
#include <functional>
#include <set>

#include "functions.h"
#include "query.h"

namespace {
/** A row of the result, and what it is ordered by. */
struct Output {
  Row row, keys;
};

class Runner {
 public:
  Runner(Select& select, const Frame* outer) : select_(select), bound_(*select.bound) {
    frame_.outer = outer;
    frame_.rows.resize(bound_.sources.size());
    for (const Source& source : bound_.sources) derived_.push_back(source.select ? run(*source.select, outer) : nullptr);
    hashes_.resize(bound_.sources.size());
  }

  std::vector<Output> outputs() {
    for (const Expr* e : bound_.constant)
      if (!evaluate(*e, frame_).is_true()) return bound_.grouped && select_.group_by.empty() ? grouped() : std::vector<Output>();
    if (bound_.grouped) {
      loop(0, [this] { collect(); });
      return grouped();
    }
    std::vector<Output> all;
    loop(0, [&] { all.push_back(output()); });
    return all;
  }

 private:
  struct Group {
    std::vector<const Row*> rows;
    std::vector<Accumulator> accumulators;
  };

  template <class Emit>
  void loop(size_t i, const Emit& emit) {
    if (i == bound_.sources.size()) return emit();
    const Source& source = bound_.sources[i];
    bool matched = false;
    visit(i, [&](const Row& row) {
      frame_.rows[i] = &row;
      if (!all_true(source.on)) return;
      matched = true;
      if (all_true(source.where)) loop(i + 1, emit);
    });
    if (matched || source.join == Join::Inner) return;
    frame_.rows[i] = &source.nulls;
    if (all_true(source.where)) loop(i + 1, emit);
  }

  bool all_true(const std::vector<const Expr*>& conditions) const {
    return std::all_of(conditions.begin(), conditions.end(), [this](const Expr* e) { return evaluate(*e, frame_).is_true(); });
  }

  void visit(size_t i, const std::function<void(const Row&)>& each) {
    const Source& source = bound_.sources[i];
    const Path& path = source.path;
    if (path.kind == Path::Kind::Id) {
      const Value id = evaluate(*path.equal, frame_);
      const Row* row = id.is_integer() ? source.table->rows.find(id.integer()) : nullptr;
      if (row) each(*row);
    } else if (path.kind == Path::Kind::Index) {
      search(*source.table, path, each);
    } else if (path.kind == Path::Kind::Hash) {
      auto& hash = hashed(i);
      const auto found = hash.find({evaluate(*path.equal, frame_)});
      if (found != hash.end())
        for (const Row* row : found->second) each(*row);
    } else {
      scan(i, each);
    }
  }

  void scan(size_t i, const std::function<void(const Row&)>& each) const {
    if (derived_[i]) {
      for (const Row& row : *derived_[i]) each(row);
    } else {
      for (auto cursor = bound_.sources[i].table->rows.begin(); cursor.valid(); cursor.next()) each(cursor.data());
    }
  }

  void search(const Table& table, const Path& path, const std::function<void(const Row&)>& each) const {
    Row from;
    Value high;
    if (path.equal) from.push_back(high = evaluate(*path.equal, frame_));
    else if (path.low) from.push_back(evaluate(*path.low, frame_));
    if (path.high) high = evaluate(*path.high, frame_);
    // Nothing equals NULL, and nothing is less or more.
    if ((!from.empty() && from[0].is_null()) || (path.high && high.is_null())) return;
    const bool bounded = path.equal || path.high;
    for (auto cursor = path.index->entries.from(from); cursor.valid(); cursor.next()) {
      if (bounded && compare(cursor.key()[0], high) > 0) return;
      each(*table.rows.find(cursor.key().back().integer()));
    }
  }

  using Hash = std::map<Row, std::vector<const Row*>, RowLess>;
  Hash& hashed(size_t i) {
    if (!hashes_[i]) {
      hashes_[i] = std::make_unique<Hash>();
      const size_t column = static_cast<size_t>(bound_.sources[i].path.column);
      scan(i, [&](const Row& row) {
        if (!row[column].is_null()) (*hashes_[i])[{row[column]}].push_back(&row);
      });
    }
    return *hashes_[i];
  }

  void collect() {
    Row key;
    for (const Expr* e : bound_.groups) key.push_back(evaluate(*e, frame_));
    Group& group = groups_[key];
    if (group.rows.empty()) {
      group.rows = frame_.rows;
      group.accumulators.resize(bound_.aggregates.size());
    }
    for (size_t i = 0; i < bound_.aggregates.size(); i++) {
      const Expr& e = *bound_.aggregates[i];
      std::vector<Value> args;
      for (const auto& arg : e.args)
        if (arg->kind != Expr::Kind::Star) args.push_back(evaluate(*arg, frame_));
      group.accumulators[i].add(e.name, args, e.distinct);
    }
  }

  std::vector<Output> grouped() {
    // An aggregate without GROUP BY has one row, of nothing if need be.
    if (groups_.empty() && select_.group_by.empty()) {
      Group& group = groups_[{}];
      for (const Source& source : bound_.sources) group.rows.push_back(&source.nulls);
      group.accumulators.resize(bound_.aggregates.size());
    }
    std::vector<Output> all;
    for (const auto& [key, group] : groups_) {
      std::vector<Value> results;
      for (size_t i = 0; i < bound_.aggregates.size(); i++) results.push_back(group.accumulators[i].result(bound_.aggregates[i]->name));
      frame_.rows = group.rows;
      frame_.aggregates = &results;
      if (!select_.having || evaluate(*select_.having, frame_).is_true()) all.push_back(output());
      frame_.aggregates = nullptr;
    }
    return all;
  }

  Output output() const {
    Output output;
    for (const Expr* e : bound_.outputs) output.row.push_back(evaluate(*e, frame_));
    for (const Order& order : select_.order_by)
      output.keys.push_back(order.output >= 0 ? output.row[static_cast<size_t>(order.output)] : evaluate(*order.expr, frame_));
    return output;
  }

  Select& select_;
  const Bound& bound_;
  Frame frame_;
  std::vector<Rows> derived_;
  std::vector<std::unique_ptr<Hash>> hashes_;
  std::map<Row, Group, RowLess> groups_;
};

void keep_distinct(std::vector<Output>& all) {
  std::set<Row, RowLess> seen;
  all.erase(std::remove_if(all.begin(), all.end(), [&](const Output& output) { return !seen.insert(output.row).second; }), all.end());
}

void combine(const std::string& compound, std::vector<Output>& left, std::vector<Output> right) {
  if (compound.rfind("UNION", 0) == 0) {
    std::move(right.begin(), right.end(), std::back_inserter(left));
    if (compound == "UNION") keep_distinct(left);
    return;
  }
  std::set<Row, RowLess> other;
  for (Output& output : right) other.insert(std::move(output.row));
  const bool keep = compound == "INTERSECT";
  left.erase(std::remove_if(left.begin(), left.end(), [&](const Output& output) { return (other.count(output.row) > 0) != keep; }), left.end());
  keep_distinct(left);
}

std::vector<Output> unordered(Select& select, const Frame* outer) {
  std::vector<Output> all = Runner(select, outer).outputs();
  if (select.distinct) keep_distinct(all);
  return all;
}
}  // namespace

Rows run(Select& select, const Frame* outer) {
  Bound& bound = *select.bound;
  if (bound.result) return bound.result;
  std::vector<Output> all = unordered(select, outer);
  for (Select* part = &select; part->next; part = part->next.get()) {
    combine(part->compound, all, unordered(*part->next, outer));
    // The rows of later parts know no keys: only columns of the result order them.
    for (Output& output : all) {
      output.keys.clear();
      for (const Order& order : select.order_by) output.keys.push_back(output.row[static_cast<size_t>(order.output)]);
    }
  }
  if (!select.order_by.empty())
    std::stable_sort(all.begin(), all.end(), [&](const Output& a, const Output& b) {
      for (size_t i = 0; i < select.order_by.size(); i++)
        if (const int order = compare(a.keys[i], b.keys[i])) return select.order_by[i].descending ? order > 0 : order < 0;
      return false;
    });
  const Frame nothing{{}, nullptr, outer};
  const int64_t offset = select.offset ? std::max<int64_t>(0, evaluate(*select.offset, nothing).integer()) : 0;
  const int64_t limit = select.limit ? evaluate(*select.limit, nothing).integer() : -1;
  auto rows = std::make_shared<std::vector<Row>>();
  for (size_t i = static_cast<size_t>(offset); i < all.size() && (limit < 0 || static_cast<int64_t>(rows->size()) < limit); i++)
    rows->push_back(std::move(all[i].row));
  if (!bound.correlated) bound.result = rows;
  return rows;
}

std::vector<std::string> explain(const Select& select) {
  std::vector<std::string> lines;
  for (const Source& source : select.bound->sources) {
    const std::string column = source.path.column < 0 ? "" : source.columns[static_cast<size_t>(source.path.column)];
    switch (source.path.kind) {
      case Path::Kind::Id: lines.push_back("search " + source.alias + " by its id"); break;
      case Path::Kind::Index: lines.push_back("search " + source.alias + " by index " + source.path.index->name); break;
      case Path::Kind::Hash: lines.push_back("look up " + source.alias + " by " + column); break;
      case Path::Kind::Scan: lines.push_back("scan " + source.alias); break;
    }
  }
  if (select.next)
    for (std::string& line : explain(*select.next)) lines.push_back(std::move(line));
  return lines;
}
