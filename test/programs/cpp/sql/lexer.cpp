#include "lexer.h"

#include <cctype>
#include <cstdlib>

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

namespace {
class Lexer {
 public:
  explicit Lexer(const std::string& sql) : sql_(sql) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    for (skip(); at_ < sql_.size(); skip()) {
      current_line = line_;
      tokens.push_back(next());
    }
    tokens.push_back({Token::Kind::End, "the end", {}, line_});
    return tokens;
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void skip() {
    while (at_ < sql_.size()) {
      if (peek() == '-' && peek(1) == '-') {
        while (at_ < sql_.size() && peek() != '\n') at_++;
      } else if (peek() == '/' && peek(1) == '*') {
        for (at_ += 2; at_ < sql_.size() && !(peek() == '*' && peek(1) == '/'); at_++) line_ += peek() == '\n';
        at_ = std::min(at_ + 2, sql_.size());
      } else if (std::isspace(static_cast<unsigned char>(peek()))) {
        line_ += sql_[at_++] == '\n';
      } else {
        return;
      }
    }
  }

  Token next() {
    const char c = peek();
    if (c == '\'') return {Token::Kind::Text, "a text", Value(quoted('\'')), line_};
    if (c == '"' || c == '`') return {Token::Kind::Quoted, quoted(c), {}, line_};
    if (std::isdigit(static_cast<unsigned char>(c)) || (c == '.' && std::isdigit(static_cast<unsigned char>(peek(1))))) return number();
    if (std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80)) return word();
    for (const char* two : {"<=", ">=", "<>", "!=", "==", "||"})
      if (c == two[0] && peek(1) == two[1]) return at_ += 2, Token{Token::Kind::Symbol, two, {}, line_};
    if (std::string("+-*/%(),.;<>=").find(c) == std::string::npos) fail(std::string("unexpected character ") + c);
    at_++;
    return {Token::Kind::Symbol, std::string(1, c), {}, line_};
  }

  /** A quote inside is written twice. */
  std::string quoted(char quote) {
    std::string text;
    for (at_++; at_ < sql_.size(); at_++) {
      if (peek() == quote && peek(1) != quote) return at_++, text;
      if (peek() == quote) at_++;
      line_ += peek() == '\n';
      text += peek();
    }
    fail("a quote is not closed");
  }

  Token number() {
    char* end = nullptr;
    const char* from = sql_.c_str() + at_;
    const double x = std::strtod(from, &end);
    const std::string text(from, static_cast<size_t>(end - from));
    at_ += text.size();
    const bool whole = text.find_first_of(".eE") == std::string::npos && text.size() < 19;
    return {Token::Kind::Number, text, whole ? Value(static_cast<int64_t>(std::strtoll(text.c_str(), nullptr, 10))) : Value(x), line_};
  }

  Token word() {
    const size_t from = at_;
    while (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '_' || (peek() & 0x80)) at_++;
    return {Token::Kind::Word, sql_.substr(from, at_ - from), {}, line_};
  }

  const std::string& sql_;
  size_t at_ = 0;
  int line_ = 1;
};
}  // namespace

std::vector<Token> tokenize(const std::string& sql) { return Lexer(sql).run(); }
