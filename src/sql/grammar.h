// The parser's grammar: recursive descent over tokens, one method a rule, building unresolved plans and expressions.
//
// Spark's keywords aren't reserved (spark.sql.ansi.enforceReservedKeywords is off): a keyword is a name wherever the
// rest of the statement cannot use it otherwise. Where Spark's parser looks ahead without bound to decide, this one looks
// at the next tokens only (see StartsClause).
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/configuration.h"
#include "plan/logical_plan.h"
#include "sql/lexer.h"

namespace centella {

using Names = std::vector<std::string>;

class Grammar {
 public:
  Grammar(std::string_view sql, const Configuration& config);

  PlanPtr SingleStatement();
  ExprPtr SingleExpression();  // with an alias, or a star
  Names SingleMultipartIdentifier();

 private:
  // One level of nesting; too many raise FAILED_TO_PARSE_TOO_COMPLEX.
  class Nesting {
   public:
    explicit Nesting(Grammar* grammar);
    ~Nesting() { --grammar_->depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Grammar* grammar_;
  };
  struct SelectClause;  // a SELECT's parts, grammar_query.cc
  struct GroupBy;
  struct JoinKind {
    JoinType type = JoinType::kInner;
    bool natural = false;
    size_t token = 0;  // where it begins
  };

  // ---- tokens (grammar.cc)
  const Token& Peek(size_t ahead = 0) const;
  const Token& Take();
  bool At(std::string_view keyword, size_t ahead = 0) const { return Peek(ahead).Is(keyword); }
  bool AtAny(std::initializer_list<std::string_view> keywords, size_t ahead = 0) const;
  bool AtSymbol(std::string_view symbol, size_t ahead = 0) const { return Peek(ahead).IsSymbol(symbol); }
  bool AtWords(std::initializer_list<std::string_view> keywords) const;  // one after the other
  bool AtEnd(size_t ahead = 0) const;                                    // of the statement
  bool AtIdentifier(size_t ahead = 0) const;
  bool AtString(size_t ahead = 0) const { return Peek(ahead).kind == TokenKind::kString; }
  bool AtQuery(size_t ahead = 0) const;  // a token that starts a query, parentheses skipped
  bool Accept(std::string_view keyword);
  bool AcceptWords(std::initializer_list<std::string_view> keywords);
  bool AcceptSymbol(std::string_view symbol);
  void Expect(std::string_view keyword, bool hint = false);
  void ExpectSymbol(std::string_view symbol, bool hint = false);
  size_t FindClosing(size_t open) const;  // the token that closes the bracket at `open`
  void ExpectEnd();

  // ---- errors and origins (grammar.cc)
  [[noreturn]] void SyntaxError(size_t ahead = 0, std::string hint = {}) const;
  [[noreturn]] void Fail(Condition condition, ErrorParameters parameters, size_t first_token) const;
  [[noreturn]] void Refuse(std::string_view what) const;
  void CheckChain(size_t length) const;
  int CharacterIndex(int32_t byte) const;  // in Java's characters
  std::string TextFrom(size_t first_token) const;
  ErrorContext ContextFrom(size_t first_token) const;  // up to the last token taken
  OriginPtr OriginFrom(size_t first_token);
  ExprPtr Function(std::string name, std::vector<ExprPtr> args, size_t first_token);

  // ---- names (grammar.cc)
  std::string Identifier();
  std::string StrictIdentifier();  // as a table's alias: no word of a join
  Names MultipartIdentifier();
  Names IdentifierList();  // (a, b)
  std::string StringLiteral();
  bool AtTableAlias() const;
  bool AtColumnAlias() const;
  bool StartsClause() const;
  std::string PropertyKey();
  StringMap Properties();  // (key value, key = value)
  TypePtr DataTypeName();

  // ---- expressions (grammar_expression.cc, grammar_primary.cc, grammar_function.cc)
  ExprPtr NamedExpression();
  ExprPtr IdentifierClause(size_t first_token);
  ExprPtr ParseExpressionRule();
  ExprPtr OrExpression();
  ExprPtr AndExpression();
  ExprPtr NotExpression();
  ExprPtr Predicated();
  ExprPtr Predicate(ExprPtr value);
  ExprPtr InPredicate(ExprPtr value);
  ExprPtr LikePredicate(ExprPtr value, bool negated);
  ExprPtr IsPredicate(ExprPtr value);
  bool AtPredicate() const;
  ExprPtr Binary(int level);
  std::string BinaryOperator(int level, size_t* tokens) const;
  ExprPtr Unary();
  ExprPtr Balanced(const std::string& function, std::vector<ExprPtr> terms, size_t first_token);
  std::vector<ExprPtr> ExpressionList();
  ExprPtr SortItem();
  std::vector<ExprPtr> SortItems();

  ExprPtr Postfix();
  ExprPtr Primary();
  ExprPtr WordPrimary();
  ExprPtr Parenthesised();
  ExprPtr RowConstructor(std::vector<ExprPtr> parts, size_t first_token);
  ExprPtr LambdaRule(std::vector<ExprPtr> parameters, size_t first_token);
  bool AtParenthesisedLambda() const;
  ExprPtr Star(Names target, size_t first_token);
  ExprPtr Case();
  size_t FindCaseEnd() const;
  ExprPtr CastRule();
  ExprPtr SubqueryRule(SubqueryKind kind, size_t first_token);
  ExprPtr NumberLiteral(bool negative);
  ExprPtr TypedLiteral();
  ExprPtr StringChain();
  bool AtInterval() const;
  ExprPtr Interval();
  ExprPtr ParameterRule();
  ExprPtr NameOrCall();

  ExprPtr SpecialFunction();  // null when none is here
  ExprPtr Trim();
  ExprPtr Substring();
  ExprPtr Position();
  ExprPtr Overlay();
  ExprPtr Extract();
  ExprPtr TimestampArithmetic(const std::string& name);
  ExprPtr FirstOrLast();
  ExprPtr StructRule();
  ExprPtr Call(Names name, size_t first_token);
  std::vector<ExprPtr> Arguments();
  ExprPtr Argument();
  ExprPtr Over(ExprPtr function, bool ignore_nulls, size_t first_token);
  std::shared_ptr<WindowExpr> WindowSpecification();
  void Frame(WindowExpr* window);
  void FrameBoundRule(FrameBound* bound, ExprPtr* offset);

  // ---- queries (grammar_query.cc, grammar_relation.cc)
  PlanPtr Query();
  PlanPtr QueryWithoutCte();
  PlanPtr Organized(PlanPtr plan, size_t first_token);
  PlanPtr PipeOperators(PlanPtr plan, size_t first_token);
  PlanPtr PipeOperator(PlanPtr input, size_t first_token);
  PlanPtr PipeAggregate(PlanPtr input, size_t first_token);
  PlanPtr SetOperations();
  PlanPtr Intersections();
  PlanPtr QueryPrimary();
  PlanPtr SelectStatement();
  PlanPtr FromStatement();
  PlanPtr SelectBody(PlanPtr from, size_t first_token);
  PlanPtr BuildSelect(SelectClause&& clause, size_t first_token);
  PlanPtr WithDefinitions(size_t first_token);
  void Hints(std::vector<std::shared_ptr<Hint>>* hints);
  GroupBy GroupByClause();
  void GroupingElement(GroupBy* group);
  std::vector<std::vector<ExprPtr>> GroupingSet();
  PlanPtr WindowClause(PlanPtr plan);
  PlanPtr OneRow() const;

  PlanPtr FromClause();
  PlanPtr Relation();
  PlanPtr RelationExtensions(PlanPtr plan, size_t first_token);
  bool AcceptJoin(JoinKind* kind);
  PlanPtr JoinRule(PlanPtr left, JoinKind kind, size_t first_token);
  PlanPtr RelationPrimary();
  PlanPtr NamedRelation();
  PlanPtr TableFunction(Names name, size_t first_token);
  PlanPtr InlineTableRule();
  PlanPtr ParenthesisedRelation();
  PlanPtr Aliased(PlanPtr plan, bool is_query);
  PlanPtr TableSample(PlanPtr plan);
  PlanPtr LateralViews(PlanPtr plan);
  PlanPtr PivotRule(PlanPtr plan);
  PlanPtr UnpivotRule(PlanPtr plan);
  void UnpivotColumns(Unpivot* unpivot);

  // ---- statements (grammar_statement.cc)
  PlanPtr Statement();
  PlanPtr Create();
  std::string TypedColumns();
  PlanPtr CreateViewRule(bool replace);
  PlanPtr CreateTable();
  PlanPtr DropRule();
  PlanPtr Show();
  PlanPtr Describe();
  PlanPtr ExplainRule();
  PlanPtr Set();
  PlanPtr SetTimeZone();
  PlanPtr Reset();
  PlanPtr Use();
  PlanPtr Cache();
  PlanPtr Uncache();
  PlanPtr Refresh();
  PlanPtr Insert();
  PlanPtr InsertDirectory(bool overwrite);
  std::shared_ptr<Command> NewCommand(std::string name) const;
  std::string RestOfStatement();
  void OptionalTarget(Command* command);
  bool IfExists();
  bool IfNotExists();

  // Copies the node, gives it an origin.
  template <typename T>
  std::shared_ptr<T> Make(size_t first_token) {
    auto node = std::make_shared<T>();
    node->origin = OriginFrom(first_token);
    return node;
  }

  const std::string sql_;
  const Configuration config_;
  std::vector<Token> tokens_;
  size_t next_ = 0;
  int depth_ = 0;
  int64_t parameters_ = 0;     // ? seen so far
  size_t origin_bytes_ = 0;    // text held by origins
  std::vector<int32_t> wide_;  // byte offsets of characters beyond ASCII
};

}  // namespace centella
