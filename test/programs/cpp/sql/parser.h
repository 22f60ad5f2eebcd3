#pragma once
#include <optional>

#include "ast.h"
#include "lexer.h"

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  /** The next statement; none at the end. */
  std::optional<Statement> next();

 private:
  const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool is(const char* word, size_t ahead = 0) const;
  bool take(const char* word);
  void expect(const char* word);
  std::string name(const char* what);
  [[noreturn]] void unexpected(const std::string& wanted) const;
  std::vector<std::string> names();

  Statement create();
  ColumnDef column();
  Statement insert();
  Statement update();
  std::unique_ptr<Select> select();
  std::unique_ptr<Select> core();
  void from(Select& select);
  From source();
  std::vector<Order> order();
  std::vector<ExprPtr> list();

  ExprPtr expr() { return either(); }
  ExprPtr either();
  ExprPtr both();
  ExprPtr negation();
  ExprPtr predicate();
  ExprPtr binary(int tier);
  ExprPtr unary();
  ExprPtr primary();
  ExprPtr call(std::string name);
  ExprPtr when();

  std::vector<Token> tokens_;
  size_t at_ = 0;
};
