// The parser's front: statements, expressions and names from text.
#include "sql/parser.h"

#include "sql/grammar.h"

namespace centella {

PlanPtr ParseStatement(std::string_view sql, const Configuration& config) {
  return Grammar(sql, config).SingleStatement();
}

ExprPtr ParseExpression(std::string_view sql, const Configuration& config) {
  return Grammar(sql, config).SingleExpression();
}

std::vector<std::string> ParseIdentifier(std::string_view name, const Configuration& config) {
  return Grammar(name, config).SingleMultipartIdentifier();
}

std::vector<std::string> ParseMultipartIdentifier(std::string_view name) {
  return Grammar(name, Configuration()).SingleMultipartIdentifier();
}

std::vector<std::string> SplitStatements(std::string_view script) {
  std::vector<std::string> statements;
  size_t start = 0;
  int blocks = 0;  // BEGIN … END and CASE … END within them
  bool any = false;
  const std::vector<Token> tokens = Tokenize(script);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool ends = token.kind == TokenKind::kEnd || (token.IsSymbol(";") && blocks == 0);
    if (!ends) {
      const bool begins = token.Is("BEGIN") && !any;
      if (begins || (blocks > 0 && (token.Is("BEGIN") || token.Is("CASE")))) ++blocks;
      if (blocks > 0 && token.Is("END")) --blocks;
      any = true;
      continue;
    }
    if (any) statements.emplace_back(script.substr(start, static_cast<size_t>(token.start) - start));
    start = static_cast<size_t>(token.end());
    any = false;
    blocks = 0;
  }
  for (std::string& statement : statements) {
    const size_t from = statement.find_first_not_of(" \t\r\n");
    const size_t to = statement.find_last_not_of(" \t\r\n");
    statement = statement.substr(from, to - from + 1);
  }
  return statements;
}

}  // namespace centella
