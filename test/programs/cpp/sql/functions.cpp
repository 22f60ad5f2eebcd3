#include "functions.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <regex>
#include <sstream>

namespace {
using Args = const std::vector<Value>&;

std::string mapped(std::string text, int (*change)(int)) {
  for (char& c : text)
    if (!(c & 0x80)) c = static_cast<char>(change(c));
  return text;
}

Value round_to(Args a) {
  const double unit = std::pow(10, a.size() > 1 ? static_cast<double>(a[1].integer()) : 0);
  return Value(std::round(a[0].real() * unit) / unit);
}

/** From 1; a negative start counts from the end. Bytes, as `length`. */
Value substring(Args a) {
  const std::string text = a[0].text();
  const int64_t size = static_cast<int64_t>(text.size());
  int64_t from = a[1].integer();
  from = from > 0 ? from - 1 : from < 0 ? std::max<int64_t>(0, size + from) : 0;
  const int64_t length = a.size() > 2 ? a[2].integer() : size;
  if (from >= size || length <= 0) return Value(std::string());
  return Value(text.substr(static_cast<size_t>(from), static_cast<size_t>(length)));
}

Value trimmed(Args a, bool left, bool right) {
  const std::string text = a[0].text();
  const std::string off = a.size() > 1 ? a[1].text() : " ";
  const size_t from = left ? text.find_first_not_of(off) : 0;
  if (from == std::string::npos) return Value(std::string());
  const size_t last = right ? text.find_last_not_of(off) : text.size() - 1;
  return Value(last == std::string::npos ? std::string() : text.substr(from, last - from + 1));
}

Value replaced(Args a) {
  std::string text = a[0].text();
  const std::string from = a[1].text(), to = a[2].text();
  if (from.empty()) return a[0];
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return Value(text);
}

/** `format('%05.1f of %d in %s', ...)`: d, f, e, g, x and s, with flags, width and precision. */
Value formatted(Args a) {
  std::ostringstream out;
  const std::string pattern = a[0].text();
  size_t next = 1;
  for (size_t i = 0; i < pattern.size(); i++) {
    if (pattern[i] != '%' || i + 1 >= pattern.size()) {
      out << pattern[i];
      continue;
    }
    if (pattern[i + 1] == '%') {
      out << pattern[++i];
      continue;
    }
    size_t end = pattern.find_first_not_of("-+ 0123456789.", i + 1);
    if (end == std::string::npos) fail("format: a % without a conversion");
    const std::string flags = pattern.substr(i + 1, end - i - 1);
    const Value value = next < a.size() ? a[next++] : Value();
    std::ostringstream field;
    const size_t digits = flags.find_first_of("123456789");
    const size_t point = flags.find('.');
    if (digits != std::string::npos && (point == std::string::npos || digits < point)) field << std::setw(std::atoi(flags.c_str() + digits));
    if (point != std::string::npos) field << std::setprecision(std::atoi(flags.c_str() + point + 1));
    if (flags.find('-') != std::string::npos) field << std::left;
    else if (flags.size() && flags[0] == '0') field << std::setfill('0') << std::internal;
    if (flags.find('+') != std::string::npos) field << std::showpos;
    switch (pattern[end]) {
      case 'd': field << value.integer(); break;
      case 'x': field << std::hex << value.integer(); break;
      case 'f': field << std::fixed << value.real(); break;
      case 'e': field << std::scientific << value.real(); break;
      case 'g': field << value.real(); break;
      case 's': field << value.text(); break;
      default: fail(std::string("format: there is no conversion %") + pattern[end]);
    }
    out << field.str();
    i = end;
  }
  return Value(out.str());
}

/** `strftime('%Y-%m-%d', seconds since 1970)`, in UTC. */
Value time_text(Args a) {
  const time_t seconds = static_cast<time_t>(a[1].integer());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::ostringstream out;
  out << std::put_time(&parts, a[0].text().c_str());
  return Value(out.str());
}

/** `unixepoch('2024-02-29 12:00:00', '%Y-%m-%d %H:%M:%S')`; NULL for what does not fit. */
Value time_of(Args a) {
  std::tm parts{};
  std::istringstream in(a[0].text());
  in >> std::get_time(&parts, a.size() > 1 ? a[1].text().c_str() : "%Y-%m-%d");
  if (in.fail()) return {};
  // Days since 1970 by civil reckoning: mktime would ask for a time zone.
  const int64_t year = parts.tm_year + 1900 - (parts.tm_mon < 2), month = (parts.tm_mon + 10) % 12;
  const int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  const int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + parts.tm_mday - 1 - 719468;
  return Value(days * 86400 + parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec);
}

struct Function {
  size_t least, most;
  Value (*work)(Args);
  /** NULL among the arguments makes the result NULL. */
  bool strict = true;
};

const std::map<std::string, Function>& functions() {
  static const std::map<std::string, Function> kAll = {
      {"ABS", {1, 1, [](Args a) { return a[0].is_integer() && a[0].integer() != INT64_MIN ? Value(std::abs(a[0].integer())) : Value(std::fabs(a[0].real())); }}},
      {"LENGTH", {1, 1, [](Args a) { return Value(static_cast<int64_t>(a[0].text().size())); }}},
      {"UPPER", {1, 1, [](Args a) { return Value(mapped(a[0].text(), std::toupper)); }}},
      {"LOWER", {1, 1, [](Args a) { return Value(mapped(a[0].text(), std::tolower)); }}},
      {"SUBSTR", {2, 3, substring}},
      {"ROUND", {1, 2, round_to}},
      {"FLOOR", {1, 1, [](Args a) { return Value(std::floor(a[0].real())); }}},
      {"CEIL", {1, 1, [](Args a) { return Value(std::ceil(a[0].real())); }}},
      {"SQRT", {1, 1, [](Args a) { return a[0].real() < 0 ? Value() : Value(std::sqrt(a[0].real())); }}},
      {"POWER", {2, 2, [](Args a) { return Value(std::pow(a[0].real(), a[1].real())); }}},
      {"EXP", {1, 1, [](Args a) { return Value(std::exp(a[0].real())); }}},
      {"LN", {1, 1, [](Args a) { return a[0].real() <= 0 ? Value() : Value(std::log(a[0].real())); }}},
      {"SIGN", {1, 1, [](Args a) { return Value(static_cast<int64_t>((a[0].real() > 0) - (a[0].real() < 0))); }}},
      {"MOD", {2, 2, [](Args a) { return modulo(a[0], a[1]); }}},
      {"TRIM", {1, 2, [](Args a) { return trimmed(a, true, true); }}},
      {"LTRIM", {1, 2, [](Args a) { return trimmed(a, true, false); }}},
      {"RTRIM", {1, 2, [](Args a) { return trimmed(a, false, true); }}},
      {"REPLACE", {3, 3, replaced}},
      {"REGEXP_REPLACE", {3, 3, [](Args a) { return Value(std::regex_replace(a[0].text(), std::regex(a[1].text()), a[2].text())); }}},
      {"INSTR", {2, 2, [](Args a) { return Value(static_cast<int64_t>(a[0].text().find(a[1].text()) + 1)); }}},
      {"NULLIF", {2, 2, [](Args a) { return compare(a[0], a[1]) == 0 ? Value() : a[0]; }, false}},
      {"IFNULL", {2, 2, [](Args a) { return a[0].is_null() ? a[1] : a[0]; }, false}},
      {"COALESCE", {1, 64, [](Args a) { for (const Value& v : a) if (!v.is_null()) return v; return Value(); }, false}},
      {"MIN", {2, 64, [](Args a) { return *std::min_element(a.begin(), a.end(), [](auto& x, auto& y) { return compare(x, y) < 0; }); }}},
      {"MAX", {2, 64, [](Args a) { return *std::max_element(a.begin(), a.end(), [](auto& x, auto& y) { return compare(x, y) < 0; }); }}},
      {"FORMAT", {1, 64, formatted, false}},
      {"STRFTIME", {2, 2, time_text}},
      {"UNIXEPOCH", {1, 2, time_of}},
      {"TYPEOF", {1, 1, [](Args a) { static const char* kNames[] = {"null", "integer", "real", "text"}; return Value(std::string(kNames[a[0].held.index()])); }, false}},
  };
  return kAll;
}
}  // namespace

Value call_function(const std::string& name, const std::vector<Value>& args) {
  const auto found = functions().find(name);
  if (found == functions().end()) fail("there is no function " + name);
  const Function& function = found->second;
  if (args.size() < function.least || args.size() > function.most) fail(name + " takes another number of arguments");
  if (function.strict)
    for (const Value& arg : args)
      if (arg.is_null()) return {};
  return function.work(args);
}

bool is_aggregate(const std::string& name, size_t args) {
  static const std::set<std::string> kNames = {"COUNT", "SUM", "TOTAL", "AVG", "GROUP_CONCAT"};
  return kNames.count(name) || (args == 1 && (name == "MIN" || name == "MAX"));
}

bool like(const std::string& text, const std::string& pattern) {
  size_t t = 0, p = 0, star = std::string::npos, mark = 0;
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); };
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || same(pattern[p], text[t]))) {
      p++, t++;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') p++;
  return p == pattern.size();
}

bool matches(const std::string& text, const std::string& pattern) {
  static std::map<std::string, std::regex> known;
  auto found = known.find(pattern);
  if (found == known.end()) found = known.emplace(pattern, std::regex(pattern)).first;
  return std::regex_search(text, found->second);
}

Value cast(const Value& value, const std::string& type) {
  if (value.is_null()) return {};
  if (type.find("INT") != std::string::npos) return Value(value.integer());
  if (type == "REAL" || type == "DOUBLE" || type == "FLOAT") return Value(value.real());
  if (type == "TEXT") return Value(value.text());
  fail("there is no cast to " + type);
}

void Accumulator::add(const std::string& function, const std::vector<Value>& args, bool distinct) {
  if (args.empty()) {
    count_++;
    return;
  }
  const Value& value = args[0];
  if (value.is_null() || (distinct && !seen_.insert({value}).second)) return;
  if (function == "GROUP_CONCAT") joined_ += (count_ ? (args.size() > 1 ? args[1].text() : ",") : "") + value.text();
  if (function == "SUM" || function == "AVG" || function == "TOTAL") sum_ = count_ ? ::add(sum_, value) : ::add(value, Value(int64_t{0}));
  if (function == "MIN" && (!count_ || compare(value, least_) < 0)) least_ = value;
  if (function == "MAX" && (!count_ || compare(value, most_) > 0)) most_ = value;
  count_++;
}

Value Accumulator::result(const std::string& function) const {
  if (function == "COUNT") return Value(count_);
  if (function == "TOTAL") return Value(sum_.real());
  if (function == "SUM") return sum_;
  if (function == "AVG") return count_ ? Value(sum_.real() / static_cast<double>(count_)) : Value();
  if (function == "MIN") return least_;
  if (function == "MAX") return most_;
  return count_ ? Value(joined_) : Value();
}
