#pragma once
#include <string>
#include <vector>

#include "value.h"

struct Token {
  enum class Kind { Word, Quoted, Number, Text, Symbol, End };
  Kind kind;
  /** Words as they were written; symbols; the content of quotes. */
  std::string text;
  Value value;
  int line;
};

/** Splits SQL into tokens; comments are `-- to the end of the line` and slash-star. */
std::vector<Token> tokenize(const std::string& sql);
std::string upper(std::string text);
