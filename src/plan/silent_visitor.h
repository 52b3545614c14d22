// A FieldVisitor that ignores every field: a base for visitors that care about a few kinds of field only.
#pragma once

#include "plan/node.h"

namespace centella {

class SilentVisitor : public FieldVisitor {
 public:
  void Field(std::string_view, bool&) override {}
  void Field(std::string_view, int64_t&) override {}
  void Field(std::string_view, double&) override {}
  void Field(std::string_view, std::string&) override {}
  void Field(std::string_view, TypePtr&) override {}
  void Field(std::string_view, Value&) override {}
  void Field(std::string_view, ExprPtr&) override {}
  void Field(std::string_view, PlanPtr&) override {}
  void Field(std::string_view, OriginPtr&) override {}
  void Field(std::string_view, TablePtr&) override {}
  void Field(std::string_view, std::vector<Batch>&, const TypePtr&) override {}
  void Field(std::string_view, StringMap&) override {}
  void Field(std::string_view, std::vector<std::string>&) override {}
  void Field(std::string_view, std::vector<int64_t>&) override {}
  void Field(std::string_view, std::vector<ExprPtr>&) override {}
  void Field(std::string_view, std::vector<PlanPtr>&) override {}
  void Field(std::string_view, std::vector<std::vector<ExprPtr>>&) override {}
  void Field(std::string_view, std::vector<std::vector<std::string>>&) override {}
  void Field(std::string_view, std::vector<std::vector<int64_t>>&) override {}
};

}  // namespace centella
