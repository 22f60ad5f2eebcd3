#include "value.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

int current_line = 1;

void fail(const std::string& sentence) {
  std::cout.flush();
  std::cerr << "line " << current_line << ": " << sentence << '\n';
  std::exit(1);
}

namespace {
/** The number that a text begins with; 0 for none. */
Value leading_number(const std::string& text) {
  const char* from = text.c_str();
  char* integer_end = nullptr;
  char* real_end = nullptr;
  int64_t n = std::strtoll(from, &integer_end, 10);
  double x = std::strtod(from, &real_end);
  return real_end > integer_end ? Value(x) : Value(n);
}

bool spells_number(const std::string& text, Value& number) {
  if (text.empty()) return false;
  char* end = nullptr;
  int64_t n = std::strtoll(text.c_str(), &end, 10);
  if (*end == '\0') return number = Value(n), true;
  double x = std::strtod(text.c_str(), &end);
  if (*end == '\0') return number = Value(x), true;
  return false;
}

template <class Whole, class Real>
Value arithmetic(const Value& a, const Value& b, Whole whole, Real real) {
  if (a.is_null() || b.is_null()) return {};
  const Value x = a.is_text() ? leading_number(a.text()) : a;
  const Value y = b.is_text() ? leading_number(b.text()) : b;
  int64_t result;
  if (x.is_integer() && y.is_integer() && whole(x.integer(), y.integer(), &result)) return Value(result);
  return Value(real(x.real(), y.real()));
}
}  // namespace

int64_t Value::integer() const {
  switch (held.index()) {
    case 1: return std::get<int64_t>(held);
    case 2: return static_cast<int64_t>(std::get<double>(held));
    case 3: return leading_number(std::get<std::string>(held)).integer();
    default: return 0;
  }
}

double Value::real() const {
  switch (held.index()) {
    case 1: return static_cast<double>(std::get<int64_t>(held));
    case 2: return std::get<double>(held);
    case 3: return leading_number(std::get<std::string>(held)).real();
    default: return 0;
  }
}

std::string Value::text() const {
  if (is_text()) return std::get<std::string>(held);
  if (is_integer()) return std::to_string(std::get<int64_t>(held));
  if (is_null()) return "";
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.15g", std::get<double>(held));
  std::string s = buffer;
  // A real stays one when it is read again.
  return s.find_first_of(".eni") == std::string::npos ? s + ".0" : s;
}

int compare(const Value& a, const Value& b) {
  const int rank_a = a.is_null() ? 0 : a.is_number() ? 1 : 2;
  const int rank_b = b.is_null() ? 0 : b.is_number() ? 1 : 2;
  if (rank_a != rank_b) return rank_a - rank_b;
  if (rank_a == 0) return 0;
  if (rank_a == 2) return std::get<std::string>(a.held).compare(std::get<std::string>(b.held));
  if (a.is_integer() && b.is_integer()) return (a.integer() > b.integer()) - (a.integer() < b.integer());
  return (a.real() > b.real()) - (a.real() < b.real());
}

int compare(const Row& a, const Row& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); i++)
    if (int order = compare(a[i], b[i])) return order;
  return (a.size() > b.size()) - (a.size() < b.size());
}

Value with_affinity(Value value, Affinity affinity) {
  Value number;
  switch (affinity) {
    case Affinity::Integer:
      if (value.is_text() && spells_number(value.text(), number)) value = number;
      if (value.is_real() && value.real() == std::floor(value.real()) && std::fabs(value.real()) < 9e15) return Value(value.integer());
      return value;
    case Affinity::Real:
      if (value.is_text() && spells_number(value.text(), number)) value = number;
      return value.is_integer() ? Value(value.real()) : value;
    case Affinity::Text: return value.is_number() ? Value(value.text()) : value;
    default: return value;
  }
}

Value add(const Value& a, const Value& b) {
  return arithmetic(
      a, b, [](int64_t x, int64_t y, int64_t* r) { return !__builtin_add_overflow(x, y, r); }, [](double x, double y) { return x + y; });
}

Value subtract(const Value& a, const Value& b) {
  return arithmetic(
      a, b, [](int64_t x, int64_t y, int64_t* r) { return !__builtin_sub_overflow(x, y, r); }, [](double x, double y) { return x - y; });
}

Value multiply(const Value& a, const Value& b) {
  return arithmetic(
      a, b, [](int64_t x, int64_t y, int64_t* r) { return !__builtin_mul_overflow(x, y, r); }, [](double x, double y) { return x * y; });
}

Value divide(const Value& a, const Value& b) {
  if (b.real() == 0) return {};
  // The least integer over -1 is no integer.
  return arithmetic(
      a, b, [](int64_t x, int64_t y, int64_t* r) { return y == 0 || (y == -1 && x == INT64_MIN) ? false : (*r = x / y, true); },
      [](double x, double y) { return x / y; });
}

Value modulo(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null() || b.integer() == 0) return {};
  return Value(b.integer() == -1 ? int64_t{0} : a.integer() % b.integer());
}
