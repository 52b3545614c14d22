// Functions of vectors, which are arrays of FLOAT: products, distances and norms. A null element makes the result null.
#include <cmath>
#include <string>

#include "functions/lists.h"
#include "functions/registry.h"

namespace centella {
namespace {

// An array argument's elements of one row.
class VectorArg {
 public:
  VectorArg(const KernelArgs& call, size_t arg) : list_(*call.args[arg]), values_(list_.child()->data<float>()) {}
  // Whether a row has elements only.
  bool IsWhole(int64_t row) const {
    const ListEntry entry = list_[row];
    for (int64_t i = 0; i < entry.length; ++i) {
      if (list_.child()->IsNull(entry.offset + i)) return false;
    }
    return true;
  }
  std::span<const float> operator[](int64_t row) const {
    const ListEntry entry = list_[row];
    return {values_ + entry.offset, static_cast<size_t>(entry.length)};
  }

 private:
  ListArg list_;
  const float* values_;
};

// The sums of products of two vectors that the functions are made of.
struct Products {
  float ab = 0, aa = 0, bb = 0;
  float distance = 0;  // the sum of squared differences
};

Products ProductsOf(std::span<const float> a, std::span<const float> b) {
  Products out;
  for (size_t i = 0; i < a.size(); ++i) {
    const float difference = a[i] - b[i];
    out.ab += a[i] * b[i];
    out.aa += a[i] * a[i];
    out.bb += b[i] * b[i];
    out.distance += difference * difference;
  }
  return out;
}

// Calls finish(products, &result) for each row; it gives false for NULL.
template <typename Finish>
VectorPtr OfTwo(const KernelArgs& call, const char* function, Finish finish) {
  const VectorArg a(call, 0), b(call, 1);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ForLive(call, [&](int64_t i) {
    const std::span<const float> x = a[i], y = b[i];
    if (x.size() != y.size()) {
      Raise(Condition::VECTOR_DIMENSION_MISMATCH, {{"functionName", "`" + std::string(function) + "`"},
                                                   {"leftDim", std::to_string(x.size())},
                                                   {"rightDim", std::to_string(y.size())}});
    }
    if (!a.IsWhole(i) || !b.IsWhole(i) || !finish(ProductsOf(x, y), &out->mutable_data<float>()[i])) out->SetNull(i);
  });
  return out;
}

VectorPtr InnerProduct(const KernelArgs& call) {
  return OfTwo(call, "vector_inner_product", [](const Products& sums, float* out) {
    *out = sums.ab;
    return true;
  });
}

VectorPtr Distance(const KernelArgs& call) {
  return OfTwo(call, "vector_l2_distance", [](const Products& sums, float* out) {
    *out = static_cast<float>(std::sqrt(static_cast<double>(sums.distance)));
    return true;
  });
}

VectorPtr CosineSimilarity(const KernelArgs& call) {
  return OfTwo(call, "vector_cosine_similarity", [](const Products& sums, float* out) {
    const double lengths = std::sqrt(static_cast<double>(sums.aa) * static_cast<double>(sums.bb));
    *out = static_cast<float>(static_cast<double>(sums.ab) / lengths);
    return lengths != 0;
  });
}

float Norm(std::span<const float> values, float degree, const char* function) {
  float sum = 0;
  if (degree == 2) {
    for (float value : values) sum += value * value;
    return static_cast<float>(std::sqrt(static_cast<double>(sum)));
  }
  if (degree == 1) {
    for (float value : values) sum += std::fabs(value);
    return sum;
  }
  if (std::isinf(degree) && degree > 0) {
    for (float value : values) sum = std::isnan(value) || std::isnan(sum) ? NAN : std::max(sum, std::fabs(value));
    return sum;
  }
  Raise(Condition::INVALID_VECTOR_NORM_DEGREE,
        {{"functionName", "`" + std::string(function) + "`"},
         {"degree", Value::Of(types::Float(), static_cast<double>(degree)).ToDisplay()}});
}

float DegreeOf(const KernelArgs& call, int64_t row) {
  return call.args.size() < 2 ? 2.0F : call.data<float>(1)[call.index(1, row)];
}

VectorPtr NormRows(const KernelArgs& call) {
  const VectorArg vectors(call, 0);
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  ForLive(call, [&](int64_t i) {
    out->mutable_data<float>()[i] = Norm(vectors[i], DegreeOf(call, i), "vector_norm");
    if (!vectors.IsWhole(i)) out->SetNull(i);
  });
  return out;
}

VectorPtr Normalize(const KernelArgs& call) {
  const VectorArg vectors(call, 0);
  std::vector<ListEntry> entries(static_cast<size_t>(call.rows));
  std::vector<bool> missing(static_cast<size_t>(call.rows));
  std::vector<float> values;
  ForLive(call, [&](int64_t i) {
    const std::span<const float> vector = vectors[i];
    const float norm = Norm(vector, DegreeOf(call, i), "vector_normalize");
    missing[static_cast<size_t>(i)] = !vectors.IsWhole(i) || norm == 0;
    if (missing[static_cast<size_t>(i)]) return;
    entries[static_cast<size_t>(i)] = {static_cast<int32_t>(values.size()), static_cast<int32_t>(vector.size())};
    for (float value : vector) values.push_back(value / norm);
  });
  MutableVectorPtr child = Vector::MakeFlat(types::Float(), static_cast<int64_t>(values.size()));
  std::copy(values.begin(), values.end(), child->mutable_data<float>());
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  std::copy(entries.begin(), entries.end(), out->mutable_data<ListEntry>());
  out->set_child(0, child);
  for (int64_t i = 0; i < call.rows; ++i) {
    if (missing[static_cast<size_t>(i)]) out->SetNull(i);
  }
  return out;
}

}  // namespace

void RegisterVectors(FunctionRegistry& registry) {
  registry.Scalar("vector_inner_product", "The sum of the products of two vectors' elements.")
      .Group("vector_funcs")
      .Example("SELECT vector_inner_product(array(1F, 2F), array(3F, 4F))", "11.0")
      .AlwaysNullable()
      .Overload("array<float>, array<float> -> float", InnerProduct)
      .CanFail();
  registry.Scalar("vector_l2_distance", "The Euclidean distance of two vectors.")
      .Group("vector_funcs")
      .Example("SELECT vector_l2_distance(array(1F, 2F), array(4F, 6F))", "5.0")
      .AlwaysNullable()
      .Overload("array<float>, array<float> -> float", Distance)
      .CanFail();
  registry.Scalar("vector_cosine_similarity", "The cosine of the angle between two vectors; NULL for one of length 0.")
      .Group("vector_funcs")
      .Example("SELECT vector_cosine_similarity(array(1F, 0F), array(1F, 0F))", "1.0")
      .AlwaysNullable()
      .Overload("array<float>, array<float> -> float", CosineSimilarity)
      .CanFail();
  registry.Scalar("vector_norm", "The length of a vector, of degree 1, 2 (the default) or infinity.")
      .Group("vector_funcs")
      .Example("SELECT vector_norm(array(3F, 4F))", "5.0")
      .AlwaysNullable()
      .Overload("array<float> -> float", NormRows)
      .Overload("array<float>, float -> float", NormRows)
      .CanFail();
  registry.Scalar("vector_normalize", "The vector divided by its norm; NULL for a norm of 0.")
      .Group("vector_funcs")
      .Example("SELECT vector_normalize(array(3F, 4F))", "[0.6, 0.8]")
      .AlwaysNullable()
      .Overload("array<float> -> array<float>", Normalize)
      .Overload("array<float>, float -> array<float>", Normalize)
      .CanFail();
}

}  // namespace centella
