#include "parser.h"

#include <set>

namespace {
ExprPtr make(Expr::Kind kind, std::string name = "") {
  auto e = std::make_unique<Expr>();
  e->kind = kind;
  e->name = std::move(name);
  return e;
}

ExprPtr binary_of(std::string op, ExprPtr a, ExprPtr b) {
  auto e = make(Expr::Kind::Binary, std::move(op));
  e->args.push_back(std::move(a));
  e->args.push_back(std::move(b));
  return e;
}

/** Words that end an expression or a name where an alias could stand. */
const std::set<std::string> kReserved = {"FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT",
                                         "JOIN", "LEFT", "INNER", "CROSS", "ON", "AS", "AND", "OR", "NOT", "SET", "VALUES", "SELECT",
                                         "THEN", "ELSE", "END", "WHEN", "ASC", "DESC", "IN", "IS", "LIKE", "BETWEEN", "REGEXP"};

bool may_be_alias(const Token& token) {
  return token.kind == Token::Kind::Quoted || (token.kind == Token::Kind::Word && !kReserved.count(upper(token.text)));
}

Affinity affinity_of(const std::string& type) {
  const std::string t = upper(type);
  if (t.find("INT") != std::string::npos || t == "BOOLEAN") return Affinity::Integer;
  if (t.find("CHAR") != std::string::npos || t == "TEXT") return Affinity::Text;
  if (t == "REAL" || t == "DOUBLE" || t == "FLOAT" || t == "NUMERIC" || t == "DECIMAL") return Affinity::Real;
  return Affinity::None;
}
}  // namespace

bool Parser::is(const char* word, size_t ahead) const {
  const Token& token = peek(ahead);
  if (token.kind == Token::Kind::Symbol) return token.text == word;
  return token.kind == Token::Kind::Word && upper(token.text) == word;
}

bool Parser::take(const char* word) {
  if (!is(word)) return false;
  at_++;
  return true;
}

void Parser::unexpected(const std::string& wanted) const {
  current_line = peek().line;
  fail("expected " + wanted + " before " + (peek().text.empty() ? "''" : peek().text));
}

void Parser::expect(const char* word) {
  if (!take(word)) unexpected(word);
}

std::string Parser::name(const char* what) {
  const Token& token = peek();
  if (token.kind == Token::Kind::Quoted || (token.kind == Token::Kind::Word && !kReserved.count(upper(token.text)))) return at_++, token.text;
  unexpected(what);
}

std::vector<std::string> Parser::names() {
  std::vector<std::string> all;
  expect("(");
  do all.push_back(name("a column"));
  while (take(","));
  expect(")");
  return all;
}

std::optional<Statement> Parser::next() {
  while (take(";")) {
  }
  if (peek().kind == Token::Kind::End) return std::nullopt;
  current_line = peek().line;
  std::optional<Statement> statement;
  if (is("SELECT") || is("WITH")) {
    statement = Query{select(), false};
  } else if (take("EXPLAIN")) {
    statement = Query{select(), true};
  } else if (take("CREATE")) {
    statement = create();
  } else if (take("DROP")) {
    expect("TABLE");
    Drop drop;
    if (take("IF")) expect("EXISTS"), drop.if_exists = true;
    drop.table = name("a table");
    statement = std::move(drop);
  } else if (is("INSERT") || is("REPLACE")) {
    statement = insert();
  } else if (take("UPDATE")) {
    statement = update();
  } else if (take("DELETE")) {
    expect("FROM");
    Delete gone;
    gone.table = name("a table");
    if (take("WHERE")) gone.where = expr();
    statement = std::move(gone);
  } else if (take("BEGIN")) {
    take("TRANSACTION");
    statement = Transaction::Begin;
  } else if (take("COMMIT")) {
    statement = Transaction::Commit;
  } else if (take("ROLLBACK")) {
    statement = Transaction::Rollback;
  } else {
    unexpected("a statement");
  }
  if (peek().kind != Token::Kind::End) expect(";");
  return statement;
}

Statement Parser::create() {
  const bool unique = take("UNIQUE");
  if (take("INDEX")) {
    CreateIndex index;
    index.unique = unique;
    index.name = name("an index");
    expect("ON");
    index.table = name("a table");
    index.columns = names();
    return index;
  }
  expect("TABLE");
  CreateTable table;
  if (take("IF")) expect("NOT"), expect("EXISTS"), table.if_not_exists = true;
  table.name = name("a table");
  expect("(");
  do table.columns.push_back(column());
  while (take(","));
  expect(")");
  return table;
}

ColumnDef Parser::column() {
  ColumnDef def;
  def.name = name("a column");
  if (peek().kind == Token::Kind::Word && !is("NOT") && !is("PRIMARY") && !is("UNIQUE") && !is("DEFAULT")) {
    def.affinity = affinity_of(name("a type"));
    if (take("("))
      while (!take(")")) at_++;
  }
  for (;;) {
    if (take("NOT")) {
      expect("NULL");
      def.not_null = true;
    } else if (take("PRIMARY")) {
      expect("KEY");
      def.primary_key = def.unique = true;
    } else if (take("UNIQUE")) {
      def.unique = true;
    } else if (take("DEFAULT")) {
      def.fallback = std::shared_ptr<Expr>(unary());
    } else {
      return def;
    }
  }
}

Statement Parser::insert() {
  Insert insert;
  insert.replace = take("REPLACE");
  if (!insert.replace) {
    expect("INSERT");
    if (take("OR")) expect("REPLACE"), insert.replace = true;
  }
  expect("INTO");
  insert.table = name("a table");
  if (is("(")) insert.columns = names();
  if (!take("VALUES")) {
    insert.select = select();
    return insert;
  }
  do {
    expect("(");
    insert.rows.push_back(list());
    expect(")");
  } while (take(","));
  return insert;
}

Statement Parser::update() {
  Update update;
  update.table = name("a table");
  expect("SET");
  do {
    std::string column = name("a column");
    expect("=");
    update.set.emplace_back(std::move(column), expr());
  } while (take(","));
  if (take("WHERE")) update.where = expr();
  return update;
}

std::vector<ExprPtr> Parser::list() {
  std::vector<ExprPtr> all;
  do all.push_back(expr());
  while (take(","));
  return all;
}

std::unique_ptr<Select> Parser::select() {
  std::vector<std::pair<std::string, std::shared_ptr<Select>>> with;
  if (take("WITH")) do {
      std::string alias = name("a name");
      expect("AS");
      expect("(");
      with.emplace_back(std::move(alias), std::shared_ptr<Select>(select()));
      expect(")");
    } while (take(","));
  auto first = core();
  for (Select* last = first.get();;) {
    std::string compound = upper(peek().text);
    if (!is("UNION") && !is("INTERSECT") && !is("EXCEPT")) break;
    at_++;
    if (compound == "UNION" && take("ALL")) compound = "UNION ALL";
    last->compound = compound;
    last->next = core();
    last = last->next.get();
  }
  first->with = std::move(with);
  if (take("ORDER")) expect("BY"), first->order_by = order();
  if (take("LIMIT")) first->limit = expr();
  if (take("OFFSET")) first->offset = expr();
  return first;
}

std::unique_ptr<Select> Parser::core() {
  auto select = std::make_unique<Select>();
  expect("SELECT");
  select->distinct = take("DISTINCT");
  do {
    Item item;
    if (take("*")) {
      item.expr = make(Expr::Kind::Star);
    } else if (is(".", 1) && is("*", 2)) {
      item.expr = make(Expr::Kind::Star);
      item.expr->table = name("a table");
      at_ += 2;
    } else {
      item.expr = expr();
      if (take("AS") || may_be_alias(peek()))
        item.alias = name("an alias");
    }
    select->items.push_back(std::move(item));
  } while (take(","));
  if (take("FROM")) from(*select);
  if (take("WHERE")) select->where = expr();
  if (take("GROUP")) expect("BY"), select->group_by = list();
  if (take("HAVING")) select->having = expr();
  return select;
}

void Parser::from(Select& select) {
  select.from.push_back(source());
  for (;;) {
    Join join = Join::Inner;
    if (take("LEFT")) {
      take("OUTER");
      expect("JOIN");
      join = Join::Left;
    } else if (take("INNER") || take("CROSS")) {
      expect("JOIN");
    } else if (!take("JOIN") && !take(",")) {
      return;
    }
    select.from.push_back(source());
    select.from.back().join = join;
    if (take("ON")) select.from.back().on = expr();
  }
}

From Parser::source() {
  From from;
  if (take("(")) {
    from.select = select();
    expect(")");
  } else {
    from.table = name("a table");
  }
  if (take("AS") || may_be_alias(peek())) from.alias = name("an alias");
  if (from.alias.empty()) from.alias = from.table;
  return from;
}

std::vector<Order> Parser::order() {
  std::vector<Order> all;
  do {
    Order order;
    order.expr = expr();
    order.descending = take("DESC");
    if (!order.descending) take("ASC");
    all.push_back(std::move(order));
  } while (take(","));
  return all;
}

ExprPtr Parser::either() {
  auto left = both();
  while (take("OR")) left = binary_of("OR", std::move(left), both());
  return left;
}

ExprPtr Parser::both() {
  auto left = negation();
  while (take("AND")) left = binary_of("AND", std::move(left), negation());
  return left;
}

ExprPtr Parser::negation() {
  if (!take("NOT")) return predicate();
  auto e = make(Expr::Kind::Unary, "NOT");
  e->args.push_back(negation());
  return e;
}

ExprPtr Parser::predicate() {
  auto left = binary(0);
  for (;;) {
    if (take("IS")) {
      auto e = make(Expr::Kind::IsNull);
      e->negated = take("NOT");
      expect("NULL");
      e->args.push_back(std::move(left));
      left = std::move(e);
      continue;
    }
    const bool negated = is("NOT") && (is("IN", 1) || is("LIKE", 1) || is("BETWEEN", 1) || is("REGEXP", 1)) && take("NOT");
    ExprPtr e;
    if (take("IN")) {
      expect("(");
      e = make(is("SELECT") || is("WITH") ? Expr::Kind::InSelect : Expr::Kind::In);
      e->args.push_back(std::move(left));
      if (e->kind == Expr::Kind::InSelect) e->select = select();
      else if (!is(")"))
        for (auto& item : list()) e->args.push_back(std::move(item));
      expect(")");
    } else if (is("LIKE") || is("REGEXP")) {
      e = make(Expr::Kind::Like, upper(peek().text));
      at_++;
      e->args.push_back(std::move(left));
      e->args.push_back(binary(0));
    } else if (take("BETWEEN")) {
      e = make(Expr::Kind::Between);
      e->args.push_back(std::move(left));
      e->args.push_back(binary(0));
      expect("AND");
      e->args.push_back(binary(0));
    } else {
      return left;
    }
    e->negated = negated;
    left = std::move(e);
  }
}

ExprPtr Parser::binary(int tier) {
  static const std::vector<std::vector<const char*>> kTiers = {{"=", "==", "<>", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}, {"||"}};
  if (tier == static_cast<int>(kTiers.size())) return unary();
  auto left = binary(tier + 1);
  for (;;) {
    const char* found = nullptr;
    for (const char* op : kTiers[static_cast<size_t>(tier)])
      if (is(op)) found = op;
    if (!found) return left;
    at_++;
    const std::string op = found;
    left = binary_of(op == "==" ? "=" : op == "!=" ? "<>" : op, std::move(left), binary(tier + 1));
  }
}

ExprPtr Parser::unary() {
  if (take("+")) return unary();
  if (!take("-")) return primary();
  auto e = make(Expr::Kind::Unary, "-");
  e->args.push_back(unary());
  return e;
}

ExprPtr Parser::primary() {
  const Token token = peek();
  if (token.kind == Token::Kind::Number || token.kind == Token::Kind::Text) {
    at_++;
    auto e = make(Expr::Kind::Literal);
    e->value = token.value;
    return e;
  }
  if (take("NULL")) return make(Expr::Kind::Literal);
  if (take("CASE")) return when();
  if (take("CAST")) {
    expect("(");
    auto e = make(Expr::Kind::Cast);
    e->args.push_back(expr());
    expect("AS");
    e->name = upper(name("a type"));
    expect(")");
    return e;
  }
  if (take("EXISTS")) {
    auto e = make(Expr::Kind::Exists);
    expect("(");
    e->select = select();
    expect(")");
    return e;
  }
  if (take("(")) {
    ExprPtr e;
    if (is("SELECT") || is("WITH")) {
      e = make(Expr::Kind::Scalar);
      e->select = select();
    } else {
      e = expr();
    }
    expect(")");
    return e;
  }
  std::string first = is("LEFT") || is("REPLACE") ? (at_++, token.text) : name("an expression");
  if (token.kind == Token::Kind::Word && is("(")) return call(upper(first));
  auto e = make(Expr::Kind::Column, std::move(first));
  if (take(".")) {
    e->table = std::move(e->name);
    e->name = name("a column");
  }
  return e;
}

ExprPtr Parser::call(std::string function) {
  auto e = make(Expr::Kind::Call, std::move(function));
  expect("(");
  e->distinct = take("DISTINCT");
  if (take("*")) e->args.push_back(make(Expr::Kind::Star));
  else if (!is(")")) e->args = list();
  expect(")");
  return e;
}

/** Condition and value by turns, and the value otherwise if there is one; `CASE x WHEN y` compares. */
ExprPtr Parser::when() {
  auto e = make(Expr::Kind::Case, is("WHEN") ? "" : "=");
  if (!is("WHEN")) e->args.push_back(expr());
  while (take("WHEN")) {
    e->args.push_back(expr());
    expect("THEN");
    e->args.push_back(expr());
  }
  if (take("ELSE")) e->args.push_back(expr());
  expect("END");
  return e;
}
