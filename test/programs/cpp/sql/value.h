// What a cell holds, and how cells compare: NULL before numbers before text, as in most databases.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

struct Value {
  std::variant<std::monostate, int64_t, double, std::string> held;

  Value() = default;
  Value(int64_t n) : held(n) {}
  Value(double x) : held(x) {}
  Value(std::string s) : held(std::move(s)) {}
  static Value of_bool(bool b) { return Value(static_cast<int64_t>(b)); }

  bool is_null() const { return held.index() == 0; }
  bool is_integer() const { return held.index() == 1; }
  bool is_real() const { return held.index() == 2; }
  bool is_text() const { return held.index() == 3; }
  bool is_number() const { return is_integer() || is_real(); }
  int64_t integer() const;
  double real() const;
  /** As it is printed; empty for NULL. */
  std::string text() const;
  /** NULL is not true, and not false either: ask `is_null` first where it matters. */
  bool is_true() const { return !is_null() && real() != 0; }
};

using Row = std::vector<Value>;

/** Negative, zero or positive. */
int compare(const Value& a, const Value& b);
int compare(const Row& a, const Row& b);

struct RowLess {
  bool operator()(const Row& a, const Row& b) const { return compare(a, b) < 0; }
};

enum class Affinity { None, Integer, Real, Text };
/** The value as a column of that type keeps it: text that spells a number becomes one. */
Value with_affinity(Value value, Affinity affinity);

Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
Value multiply(const Value& a, const Value& b);
/** NULL for a zero divisor; integers give an integer. */
Value divide(const Value& a, const Value& b);
Value modulo(const Value& a, const Value& b);

/** Ends the program with the statement's line and a sentence. */
[[noreturn]] void fail(const std::string& sentence);
/** The line that `fail` says. */
extern int current_line;
