// What the processes that run a plan's fragments say to each other, as bytes.
#include "cluster/messages.h"

#include <algorithm>

#include "execution/cached_table.h"
#include "execution/physical_nodes.h"
#include "plan/byte_stream.h"

namespace centella {
namespace {

void WriteContext(const QueryContext& context, ByteWriter* out) {
  const auto& settings = context.config.values();
  out->Unsigned(settings.size());
  for (const auto& [key, value] : settings) {
    out->Text(key);
    out->Text(value);
  }
  out->Text(context.zone.id());
  out->Signed(context.start_micros);
  out->Text(context.user);
  out->Text(context.session_id);
  out->Text(context.operation_id);
  out->Signed(context.default_parallelism);
}

QueryContextPtr ReadContext(ByteReader* in, const std::shared_ptr<Engine>& engine) {
  Configuration configuration;
  for (size_t count = in->Count(); count > 0; --count) {
    const std::string key(in->Text());
    configuration = configuration.With(key, in->Text(), true);
  }
  auto context =
      std::make_shared<QueryContext>(QueryContext::FromConfiguration(std::move(configuration), engine->memory()));
  context->zone = TimeZone::Load(in->Text());
  context->start_micros = in->Signed();
  context->user = in->Text();
  context->session_id = in->Text();
  context->operation_id = in->Text();
  context->default_parallelism = static_cast<int32_t>(std::clamp<int64_t>(in->Signed(), 1, INT32_MAX));
  return context;
}

bool Runs(const Fragment& fragment, const RunRequest& request) {
  const std::vector<int32_t> processes = ProcessesOf(fragment, static_cast<int32_t>(request.ports.size()));
  return std::find(processes.begin(), processes.end(), request.process) != processes.end();
}

}  // namespace

std::string EncodeRunRequest(const RunRequest& request) {
  ByteWriter out;
  out.Text(request.query);
  out.Signed(request.process);
  out.Unsigned(request.ports.size());
  for (const int64_t port : request.ports) out.Signed(port);
  WriteContext(*request.context, &out);
  out.Unsigned(request.fragments.size());
  for (const Fragment& fragment : request.fragments) {
    out.Byte(fragment.divided);
    out.Byte(fragment.whole_partitions);
    out.Byte(fragment.at_home);
    out.Unsigned(fragment.inputs.size());
    for (const int64_t input : fragment.inputs) out.Signed(input);
    out.Text(Runs(fragment, request) ? SerializePhysicalPlan(fragment.plan) : "");
  }
  return out.Take();
}

RunRequest DecodeRunRequest(std::string_view bytes, const std::shared_ptr<Engine>& engine) {
  ByteReader in(bytes);
  RunRequest request;
  request.query = in.Text();
  request.process = static_cast<int32_t>(in.Signed());
  for (size_t count = in.Count(); count > 0; --count) request.ports.push_back(in.Signed());
  request.context = ReadContext(&in, engine);
  const TableResolver tables = [&](std::string_view identity) { return ResolveTable(identity, request.context); };
  for (size_t count = in.Count(); count > 0; --count) {
    Fragment fragment;
    fragment.id = static_cast<int64_t>(request.fragments.size());
    fragment.divided = in.Boolean();
    fragment.whole_partitions = in.Boolean();
    fragment.at_home = in.Boolean();
    for (size_t inputs = in.Count(); inputs > 0; --inputs) {
      fragment.inputs.push_back(in.Signed());
      if (fragment.inputs.back() < 0 || fragment.inputs.back() >= fragment.id)
        ByteReader::Corrupt("fragments in no order");
    }
    const std::string_view plan = in.Text();
    if (!plan.empty()) fragment.plan = DeserializePhysicalPlan(plan, tables);
    request.fragments.push_back(std::move(fragment));
  }
  if (request.process < 0 || static_cast<size_t>(request.process) >= request.ports.size()) {
    ByteReader::Corrupt("a process that isn't one of them");
  }
  for (const Fragment& fragment : request.fragments) {
    if (Runs(fragment, request) != (fragment.plan != nullptr)) ByteReader::Corrupt("a fragment without its plan");
  }
  return request;
}

std::string EncodeOutcome(const Outcome& outcome) {
  ByteWriter out;
  for (const int64_t number :
       {outcome.report.fragments, outcome.report.rows_read, outcome.report.rows_sent, outcome.report.bytes_sent}) {
    out.Signed(number);
  }
  out.Byte(outcome.lost);
  out.Byte(outcome.error != nullptr);
  if (outcome.error == nullptr) return out.Take();
  out.Text(outcome.error->info().name);
  out.Unsigned(outcome.error->parameters().size());
  for (const auto& [key, value] : outcome.error->parameters()) {
    out.Text(key);
    out.Text(value);
  }
  out.Unsigned(outcome.error->contexts().size());
  for (const ErrorContext& context : outcome.error->contexts()) {
    out.Byte(context.is_dataframe);
    for (const std::string* text :
         {&context.fragment, &context.call_site, &context.object_type, &context.object_name}) {
      out.Text(*text);
    }
    out.Signed(context.start_index);
    out.Signed(context.stop_index);
  }
  return out.Take();
}

Outcome DecodeOutcome(std::string_view bytes) {
  ByteReader in(bytes);
  Outcome outcome;
  for (int64_t* number :
       {&outcome.report.fragments, &outcome.report.rows_read, &outcome.report.rows_sent, &outcome.report.bytes_sent}) {
    *number = in.Signed();
  }
  outcome.lost = in.Boolean();
  if (!in.Boolean()) return outcome;
  const std::string name(in.Text());
  ErrorParameters parameters;
  for (size_t count = in.Count(); count > 0; --count) {
    const std::string key(in.Text());
    parameters[key] = in.Text();
  }
  std::vector<ErrorContext> contexts;
  for (size_t count = in.Count(); count > 0; --count) {
    ErrorContext context;
    context.is_dataframe = in.Boolean();
    for (std::string* text : {&context.fragment, &context.call_site, &context.object_type, &context.object_name}) {
      *text = in.Text();
    }
    context.start_index = static_cast<int>(in.Signed());
    context.stop_index = static_cast<int>(in.Signed());
    contexts.push_back(std::move(context));
  }
  const Condition* condition = FindCondition(name);
  if (condition == nullptr) ByteReader::Corrupt("an error of no known condition");
  outcome.error = std::make_shared<Error>(*condition, std::move(parameters), std::move(contexts));
  return outcome;
}

}  // namespace centella
