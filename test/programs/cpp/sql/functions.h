#pragma once
#include <map>
#include <set>
#include <string>

#include "value.h"

/** A function of values; fails for a name or a number of arguments that there is not. */
Value call_function(const std::string& name, const std::vector<Value>& args);
bool is_aggregate(const std::string& name, size_t args);
/** `%` is any text, `_` any character; letters of either case are equal. */
bool like(const std::string& text, const std::string& pattern);
/** An ECMAScript regular expression that matches somewhere. */
bool matches(const std::string& text, const std::string& pattern);
Value cast(const Value& value, const std::string& type);

/** What an aggregate has seen of its group. */
class Accumulator {
 public:
  void add(const std::string& function, const std::vector<Value>& args, bool distinct);
  Value result(const std::string& function) const;

 private:
  int64_t count_ = 0;
  Value sum_, least_, most_;
  std::string joined_;
  std::set<Row, RowLess> seen_;
};
