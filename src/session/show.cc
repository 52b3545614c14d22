// See show.h. Scalars become text through the cast kernels; nested values are put together here, because show() differs
// from a cast in nulls ("NULL") and binary data ("[61 62]").
#include "session/show.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "expression/evaluator.h"
#include "types/decimal.h"

namespace centella {
namespace {

constexpr int64_t kMinColumnWidth = 3;
constexpr int64_t kMostRows = std::numeric_limits<int32_t>::max() - 16;

// A text as its characters' code points and places; invalid bytes count as one character each.
struct Characters {
  std::vector<uint32_t> points;
  std::vector<size_t> offsets;  // one more than points
};

Characters Decode(std::string_view text) {
  Characters result;
  size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    size_t length = lead < 0x80 ? 1 : (lead >> 5) == 6 ? 2 : (lead >> 4) == 14 ? 3 : (lead >> 3) == 30 ? 4 : 1;
    if (at + length > text.size()) length = 1;
    uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; ++i) point = (point << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3f);
    result.points.push_back(point);
    result.offsets.push_back(at);
    at += length;
  }
  result.offsets.push_back(text.size());
  return result;
}

// Java counts UTF-16 units: two for what lies beyond the basic plane.
int64_t Utf16Length(const Characters& characters) {
  int64_t length = 0;
  for (uint32_t point : characters.points) length += point > 0xffff ? 2 : 1;
  return length;
}

// East Asian characters that take two cells of a terminal, as Spark counts them.
bool IsFullWidth(uint32_t point) {
  static constexpr std::pair<uint32_t, uint32_t> kRanges[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},
                                                              {0xF900, 0xFAFF}, {0xFE10, 0xFE19}, {0xFE30, 0xFE6F},
                                                              {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [point](const auto& range) { return point >= range.first && point <= range.second; });
}

int64_t WidthOf(std::string_view text) {
  const Characters characters = Decode(text);
  int64_t width = Utf16Length(characters);
  for (uint32_t point : characters.points) width += IsFullWidth(point) ? 1 : 0;
  return width;
}

// The first `units` UTF-16 units (a character that doesn't fit whole is left out).
std::string FirstUnits(std::string_view text, const Characters& characters, int64_t units) {
  int64_t used = 0;
  size_t count = 0;
  while (count < characters.points.size()) {
    const int64_t next = used + (characters.points[count] > 0xffff ? 2 : 1);
    if (next > units) break;
    used = next;
    ++count;
  }
  return std::string(text.substr(0, characters.offsets[count]));
}

std::string Truncated(const std::string& text, int64_t limit) {
  if (limit <= 0) return text;
  const Characters characters = Decode(text);
  if (Utf16Length(characters) <= limit) return text;
  if (limit < 4) return FirstUnits(text, characters, limit);
  return FirstUnits(text, characters, limit - 3) + "...";
}

std::string Escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '\n': result += "\\n"; break;
      case '\r': result += "\\r"; break;
      case '\t': result += "\\t"; break;
      case '\f': result += "\\f"; break;
      case '\b': result += "\\b"; break;
      case '\v': result += "\\v"; break;
      case '\a': result += "\\a"; break;
      default: result += c;
    }
  }
  return result;
}

std::string Padding(int64_t width) { return std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' '); }

std::string HexText(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text = "[";
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) text += ' ';
    text += kDigits[static_cast<unsigned char>(bytes[i]) >> 4];
    text += kDigits[static_cast<unsigned char>(bytes[i]) & 15];
  }
  return text + "]";
}

std::vector<std::string> ScalarStrings(const VectorPtr& vector, const QueryContextPtr& context) {
  auto column = std::make_shared<Column>();
  column->type = vector->type();
  const auto compiled = CompiledExpressions::Compile({MakeCast(column, types::String(), EvalMode::kLegacy)}, context);
  Batch batch;
  batch.columns = {vector};
  batch.rows = vector->size();
  const VectorPtr text = ExpressionExecutor(compiled, 0).EvaluateOne(0, batch);
  const DecodedVector decoded(*text);
  std::vector<std::string> result;
  for (int64_t row = 0; row < batch.rows; ++row) {
    result.push_back(decoded.IsNull(row) ? "NULL" : std::string(decoded.Value<StringView>(row).view()));
  }
  return result;
}

using CellFunction = std::function<std::string(const ListEntry&)>;

std::vector<std::string> ListStrings(const VectorPtr& flat, const CellFunction& cell) {
  const DecodedVector decoded(*flat);
  std::vector<std::string> result;
  for (int64_t row = 0; row < flat->size(); ++row) {
    result.push_back(decoded.IsNull(row) ? "NULL" : cell(decoded.Value<ListEntry>(row)));
  }
  return result;
}

std::vector<std::string> StructStrings(const VectorPtr& flat, const QueryContextPtr& context) {
  std::vector<std::vector<std::string>> parts;
  for (const VectorPtr& child : flat->children()) parts.push_back(PrettyStrings(child, context));
  std::vector<std::string> result;
  for (int64_t row = 0; row < flat->size(); ++row) {
    if (flat->IsNull(row)) {
      result.push_back("NULL");
      continue;
    }
    std::string text = "{";
    for (size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? ", " : "") + parts[i][static_cast<size_t>(row)];
    result.push_back(text + "}");
  }
  return result;
}

std::vector<std::string> NestedStrings(const VectorPtr& vector, const QueryContextPtr& context) {
  const VectorPtr flat = Flatten(vector);
  if (flat->type()->is(TypeId::kStruct)) return StructStrings(flat, context);
  if (flat->type()->is(TypeId::kArray)) {
    const auto elements = PrettyStrings(flat->child(0), context);
    return ListStrings(flat, [&](const ListEntry& entry) {
      std::string text = "[";
      for (int32_t i = 0; i < entry.length; ++i) text += (i > 0 ? ", " : "") + elements[entry.offset + i];
      return text + "]";
    });
  }
  const VectorPtr entries = Flatten(flat->child(0));
  const auto keys = PrettyStrings(entries->child(0), context);
  const auto values = PrettyStrings(entries->child(1), context);
  return ListStrings(flat, [&](const ListEntry& entry) {
    std::string text = "{";
    for (int32_t i = 0; i < entry.length; ++i) {
      const size_t at = static_cast<size_t>(entry.offset + i);
      text += (i > 0 ? ", " : "") + keys[at] + " -> " + values[at];
    }
    return text + "}";
  });
}

std::string Line(const std::vector<int64_t>& widths) {
  std::string line = "+";
  for (size_t i = 0; i < widths.size(); ++i) {
    line += (i > 0 ? "+" : "") + std::string(static_cast<size_t>(widths[i]), '-');
  }
  return line + "+\n";
}

std::string Footer(int64_t rows) { return "only showing top " + std::to_string(rows) + (rows == 1 ? " row" : " rows"); }

std::string RenderVertical(const ShownRows& shown, int64_t limit) {
  int64_t name_width = kMinColumnWidth;
  int64_t data_width = kMinColumnWidth;
  for (const auto& name : shown.names) name_width = std::max(name_width, WidthOf(name));
  for (const auto& row : shown.rows) {
    for (const auto& cell : row) data_width = std::max(data_width, WidthOf(cell));
  }
  std::string text;
  for (size_t r = 0; r < shown.rows.size(); ++r) {
    std::string header = "-RECORD " + std::to_string(r);
    const auto total = static_cast<size_t>(name_width + data_width + 5);
    if (header.size() < total) header.append(total - header.size(), '-');
    text += header + "\n";
    for (size_t i = 0; i < shown.names.size(); ++i) {
      const std::string& cell = shown.rows[r][i];
      text += " " + shown.names[i] + Padding(name_width - WidthOf(shown.names[i])) + " | " + cell +
              Padding(data_width - WidthOf(cell)) + " \n";
    }
    if (shown.names.empty()) text += "\n";
  }
  if (shown.rows.empty()) return text + "(0 rows)\n";
  return shown.has_more ? text + Footer(limit) : text;
}

std::string HtmlEscaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += c;
    }
  }
  return result;
}

// Cells cut to the width asked for; names stay whole.
ShownRows Cut(const ShownRows& shown, int64_t truncate) {
  ShownRows cut = shown;
  for (auto& row : cut.rows) {
    for (auto& cell : row) cell = Truncated(cell, truncate);
  }
  return cut;
}

}  // namespace

std::vector<std::string> PrettyStrings(const VectorPtr& vector, const QueryContextPtr& context) {
  if (vector->type()->is_nested()) return NestedStrings(vector, context);
  const bool decimal = vector->type()->is(TypeId::kDecimal);
  if (!vector->type()->is(TypeId::kBinary) && !decimal) return ScalarStrings(vector, context);
  const DecodedVector decoded(*vector);
  std::vector<std::string> result;
  if (decimal) {
    // Digits only, where a cast may write an exponent.
    char text[kMaxDecimalText];
    for (int64_t row = 0; row < vector->size(); ++row) {
      if (decoded.IsNull(row)) {
        result.push_back("NULL");
        continue;
      }
      const bool wide = vector->physical() == PhysicalType::kInt128;
      const int128_t value = wide ? decoded.Value<int128_t>(row) : int128_t{decoded.Value<int64_t>(row)};
      result.emplace_back(text, WriteDecimal(value, vector->type()->scale(), text));
    }
    return result;
  }
  for (int64_t row = 0; row < vector->size(); ++row) {
    result.push_back(decoded.IsNull(row) ? "NULL" : HexText(decoded.Value<StringView>(row).view()));
  }
  return result;
}

ShownRows FetchShownRows(const PlanPtr& resolved, int64_t rows, Session& session, const QueryContextPtr& context) {
  rows = std::clamp<int64_t>(rows, 0, kMostRows);
  auto limited = std::make_shared<Limit>();
  limited->limit = MakeLiteral(Value::Int(static_cast<int32_t>(rows + 1)));
  limited->child = resolved;
  ShownRows shown;
  for (const ExprPtr& attribute : OutputOf(resolved)) shown.names.push_back(Escaped(To<Attribute>(attribute).name));
  for (const Batch& given : session.Collect(limited, context)) {
    const Batch batch = Compact(given);
    const size_t first = shown.rows.size();
    shown.rows.resize(first + static_cast<size_t>(batch.rows));
    for (const VectorPtr& column : batch.columns) {
      const auto cells = PrettyStrings(column, context);
      for (size_t i = 0; i < cells.size(); ++i) shown.rows[first + i].push_back(Escaped(cells[i]));
    }
  }
  shown.has_more = static_cast<int64_t>(shown.rows.size()) > rows;
  if (shown.has_more) shown.rows.resize(static_cast<size_t>(rows));
  return shown;
}

std::string RenderTable(const ShownRows& given, const ShowOptions& options) {
  const ShownRows shown = Cut(given, options.truncate);
  const int64_t limit = std::clamp<int64_t>(options.rows, 0, kMostRows);
  if (options.vertical) return RenderVertical(shown, limit);
  std::vector<int64_t> widths(shown.names.size(), kMinColumnWidth);
  for (size_t i = 0; i < widths.size(); ++i) {
    widths[i] = std::max(widths[i], WidthOf(shown.names[i]));
    for (const auto& row : shown.rows) widths[i] = std::max(widths[i], WidthOf(row[i]));
  }
  const auto line_of = [&](const std::vector<std::string>& cells) {
    std::string line = "|";
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string padding = Padding(widths[i] - WidthOf(cells[i]));
      line += (i > 0 ? "|" : "") + (options.truncate > 0 ? padding + cells[i] : cells[i] + padding);
    }
    return line + "|\n";
  };
  std::string text = Line(widths) + line_of(shown.names) + Line(widths);
  for (const auto& row : shown.rows) text += line_of(row);
  text += Line(widths);
  return shown.has_more ? text + Footer(limit) : text;
}

std::string RenderHtml(const ShownRows& given, const ShowOptions& options) {
  const ShownRows shown = Cut(given, options.truncate);
  const auto line_of = [](const std::vector<std::string>& cells, const std::string& tag) {
    std::string line = "<tr>";
    for (const auto& cell : cells) line += "<" + tag + ">" + HtmlEscaped(cell) + "</" + tag + ">";
    return line + "</tr>\n";
  };
  std::string text = "<table border='1'>\n" + line_of(shown.names, "th");
  for (const auto& row : shown.rows) text += line_of(row, "td");
  text += "</table>\n";
  return shown.has_more ? text + Footer(std::clamp<int64_t>(options.rows, 0, kMostRows)) + "\n" : text;
}

}  // namespace centella
