#include "functions.h"
#include "lexer.h"
#include "query.h"

namespace {
Value negate(const Value& truth) { return truth.is_null() ? Value() : Value::of_bool(!truth.is_true()); }

Value binary(const Expr& e, const Frame& frame) {
  const std::string& op = e.name;
  const Value a = evaluate(*e.args[0], frame);
  if (op == "AND" || op == "OR") {
    const bool decided = op == "OR";
    if (!a.is_null() && a.is_true() == decided) return Value::of_bool(decided);
    const Value b = evaluate(*e.args[1], frame);
    if (!b.is_null() && b.is_true() == decided) return Value::of_bool(decided);
    return a.is_null() || b.is_null() ? Value() : Value::of_bool(!decided);
  }
  const Value b = evaluate(*e.args[1], frame);
  if (op == "+") return add(a, b);
  if (op == "-") return subtract(a, b);
  if (op == "*") return multiply(a, b);
  if (op == "/") return divide(a, b);
  if (op == "%") return modulo(a, b);
  if (a.is_null() || b.is_null()) return {};
  if (op == "||") return Value(a.text() + b.text());
  const int order = compare(a, b);
  if (op == "=") return Value::of_bool(order == 0);
  if (op == "<>") return Value::of_bool(order != 0);
  if (op == "<") return Value::of_bool(order < 0);
  if (op == "<=") return Value::of_bool(order <= 0);
  if (op == ">") return Value::of_bool(order > 0);
  return Value::of_bool(order >= 0);
}

Value when(const Expr& e, const Frame& frame) {
  size_t i = 0;
  std::optional<Value> subject;
  if (e.name == "=") subject = evaluate(*e.args[i++], frame);
  for (; i + 1 < e.args.size(); i += 2) {
    const Value test = evaluate(*e.args[i], frame);
    const bool holds = subject ? !subject->is_null() && !test.is_null() && compare(*subject, test) == 0 : test.is_true();
    if (holds) return evaluate(*e.args[i + 1], frame);
  }
  return i < e.args.size() ? evaluate(*e.args[i], frame) : Value();
}

/** NULL when it is not among them but one of them is not known. */
template <class Values>
Value among(const Value& wanted, const Values& values, bool negated) {
  if (wanted.is_null()) return {};
  bool unknown = false;
  for (const Value& value : values) {
    if (value.is_null()) unknown = true;
    else if (compare(wanted, value) == 0) return Value::of_bool(!negated);
  }
  return unknown ? Value() : Value::of_bool(negated);
}

std::vector<Value> first_column(const std::vector<Row>& rows) {
  std::vector<Value> values;
  for (const Row& row : rows) values.push_back(row[0]);
  return values;
}

std::vector<Value> all(const Expr& e, const Frame& frame, size_t from = 0) {
  std::vector<Value> values;
  for (size_t i = from; i < e.args.size(); i++) values.push_back(evaluate(*e.args[i], frame));
  return values;
}
}  // namespace

Value evaluate(const Expr& e, const Frame& frame) {
  switch (e.kind) {
    case Expr::Kind::Literal: return e.value;
    case Expr::Kind::Column: {
      const Frame* at = &frame;
      for (int level = e.level; level > 0; level--) at = at->outer;
      return (*at->rows[static_cast<size_t>(e.source)])[static_cast<size_t>(e.column)];
    }
    case Expr::Kind::Unary: {
      const Value value = evaluate(*e.args[0], frame);
      return e.name == "NOT" ? negate(value) : subtract(Value(int64_t{0}), value);
    }
    case Expr::Kind::Binary: return binary(e, frame);
    case Expr::Kind::Call:
      if (e.aggregate >= 0) return (*frame.aggregates)[static_cast<size_t>(e.aggregate)];
      return call_function(e.name, all(e, frame));
    case Expr::Kind::Case: return when(e, frame);
    case Expr::Kind::In: return among(evaluate(*e.args[0], frame), all(e, frame, 1), e.negated);
    case Expr::Kind::InSelect: return among(evaluate(*e.args[0], frame), first_column(*run(*e.select, &frame)), e.negated);
    case Expr::Kind::Between: {
      const Value value = evaluate(*e.args[0], frame), low = evaluate(*e.args[1], frame), high = evaluate(*e.args[2], frame);
      if (value.is_null() || low.is_null() || high.is_null()) return {};
      return Value::of_bool((compare(value, low) >= 0 && compare(value, high) <= 0) != e.negated);
    }
    case Expr::Kind::Like: {
      const Value value = evaluate(*e.args[0], frame), pattern = evaluate(*e.args[1], frame);
      if (value.is_null() || pattern.is_null()) return {};
      const bool fits = e.name == "LIKE" ? like(value.text(), pattern.text()) : matches(value.text(), pattern.text());
      return Value::of_bool(fits != e.negated);
    }
    case Expr::Kind::IsNull: return Value::of_bool(evaluate(*e.args[0], frame).is_null() != e.negated);
    case Expr::Kind::Exists: return Value::of_bool(!run(*e.select, &frame)->empty());
    case Expr::Kind::Scalar: {
      const Rows rows = run(*e.select, &frame);
      return rows->empty() ? Value() : rows->front()[0];
    }
    case Expr::Kind::Cast: return cast(evaluate(*e.args[0], frame), e.name);
    case Expr::Kind::Star: break;
  }
  fail("* cannot stand here");
}
