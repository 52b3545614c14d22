// Moments, covariances and regressions, with Spark's update and merge formulas.
#include <cmath>

#include "functions/aggregate_base.h"
#include "functions/registry.h"

namespace centella {
namespace {

struct Moments {
  double n = 0, mean = 0, m2 = 0, m3 = 0, m4 = 0;
};

enum class MomentKind { kStddevPop, kStddevSamp, kVarPop, kVarSamp, kSkewness, kKurtosis };

template <MomentKind kind>
class MomentAggregate final : public PodAggregate<MomentAggregate<kind>, Moments> {
 public:
  explicit MomentAggregate(const AggregateArgs&) {}
  static constexpr bool kHigher = kind == MomentKind::kSkewness || kind == MomentKind::kKurtosis;

  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<double>(*args[0], begin, end, [&](int64_t i, double x) {
      Moments& s = at(i);
      s.n += 1;
      double delta = x - s.mean;
      double delta_n = delta / s.n;
      s.mean += delta_n;
      s.m2 += delta * (delta - delta_n);
      if constexpr (kHigher) {
        double delta2 = delta * delta, delta_n2 = delta_n * delta_n;
        s.m3 += -3.0 * delta_n * s.m2 + delta * (delta2 - delta_n2);
        s.m4 += -4.0 * delta_n * s.m3 - 6.0 * delta_n2 * s.m2 + delta * (delta * delta2 - delta_n * delta_n2);
      }
    });
  }
  void MergeInto(Moments& a, const Moments& b) const {
    double n = a.n + b.n;
    double delta = b.mean - a.mean;
    double delta_n = n == 0 ? 0 : delta / n;
    Moments out;
    out.n = n;
    out.mean = a.mean + delta_n * b.n;
    out.m2 = a.m2 + b.m2 + delta * delta_n * a.n * b.n;
    out.m3 =
        a.m3 + b.m3 + delta_n * delta_n * delta * a.n * b.n * (a.n - b.n) + 3.0 * delta_n * (a.n * b.m2 - b.n * a.m2);
    out.m4 = a.m4 + b.m4 + delta_n * delta_n * delta_n * delta * a.n * b.n * (a.n * a.n - a.n * b.n + b.n * b.n) +
             6.0 * delta_n * delta_n * (a.n * a.n * b.m2 + b.n * b.n * a.m2) +
             4.0 * delta_n * (a.n * b.m3 - b.n * a.m3);
    a = out;
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(types::Double(), rows);
    for (int64_t i = 0; i < rows; ++i) {
      const Moments& s = this->At(states[i]);
      bool sample = kind == MomentKind::kStddevSamp || kind == MomentKind::kVarSamp;
      bool null = s.n == 0 || (sample && s.n == 1) || (kHigher && s.m2 == 0);
      out->mutable_data<double>()[i] = null ? 0 : Result(s);
      if (null) out->SetNull(i);
    }
    return out;
  }
  bool order_sensitive() const override { return true; }

 private:
  static double Result(const Moments& s) {
    switch (kind) {
      case MomentKind::kStddevPop: return std::sqrt(s.m2 / s.n);
      case MomentKind::kStddevSamp: return std::sqrt(s.m2 / (s.n - 1));
      case MomentKind::kVarPop: return s.m2 / s.n;
      case MomentKind::kVarSamp: return s.m2 / (s.n - 1);
      case MomentKind::kSkewness: return std::sqrt(s.n) * s.m3 / std::sqrt(s.m2 * s.m2 * s.m2);
      case MomentKind::kKurtosis: return s.n * s.m4 / (s.m2 * s.m2) - 3.0;
    }
    return 0;
  }
};

struct Joint {
  double n = 0, x_mean = 0, y_mean = 0, ck = 0, x_m2 = 0, y_m2 = 0;
};

enum class JointKind {
  kCovarPop,
  kCovarSamp,
  kCorr,
  kRegrCount,
  kRegrAvgX,
  kRegrAvgY,
  kRegrSxx,
  kRegrSyy,
  kRegrSxy,
  kRegrSlope,
  kRegrIntercept,
  kRegrR2,
};

// Two columns; rows with a null in either are left out. regr_*(y, x) takes its arguments the other way round.
template <JointKind kind>
class JointAggregate final : public PodAggregate<JointAggregate<kind>, Joint> {
 public:
  explicit JointAggregate(const AggregateArgs&) {}
  static constexpr bool kSwapped = kind >= JointKind::kRegrCount;

  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    const Vector& xs = *args[kSwapped ? 1 : 0];
    const Vector& ys = *args[kSwapped ? 0 : 1];
    int64_t y_step = ys.is_constant() ? 0 : 1;
    EachValue<double>(xs, begin, end, [&](int64_t i, double x) {
      if (ys.IsNull(i)) return;
      double y = ys.data<double>()[i * y_step];
      Joint& s = at(i);
      s.n += 1;
      double dx = x - s.x_mean, dy = y - s.y_mean;
      s.x_mean += dx / s.n;
      s.y_mean += dy / s.n;
      s.ck += dx * (y - s.y_mean);
      s.x_m2 += dx * (x - s.x_mean);
      s.y_m2 += dy * (y - s.y_mean);
    });
  }
  void MergeInto(Joint& a, const Joint& b) const {
    double n = a.n + b.n;
    double dx = b.x_mean - a.x_mean, dy = b.y_mean - a.y_mean;
    double dx_n = n == 0 ? 0 : dx / n, dy_n = n == 0 ? 0 : dy / n;
    Joint out;
    out.n = n;
    out.x_mean = a.x_mean + dx_n * b.n;
    out.y_mean = a.y_mean + dy_n * b.n;
    out.ck = a.ck + b.ck + dx * dy_n * a.n * b.n;
    out.x_m2 = a.x_m2 + b.x_m2 + dx * dx_n * a.n * b.n;
    out.y_m2 = a.y_m2 + b.y_m2 + dy * dy_n * a.n * b.n;
    a = out;
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    if constexpr (kind == JointKind::kRegrCount) {
      MutableVectorPtr out = Vector::MakeFlat(types::Long(), rows);
      for (int64_t i = 0; i < rows; ++i) {
        out->mutable_data<int64_t>()[i] = static_cast<int64_t>(this->At(states[i]).n);
      }
      return out;
    } else {
      MutableVectorPtr out = Vector::MakeFlat(types::Double(), rows);
      for (int64_t i = 0; i < rows; ++i) {
        double& value = out->mutable_data<double>()[i];
        value = 0;
        if (!Result(this->At(states[i]), &value)) out->SetNull(i);
      }
      return out;
    }
  }
  bool order_sensitive() const override { return kind != JointKind::kRegrCount; }

 private:
  static bool Result(const Joint& s, double* out) {
    if (s.n == 0) return false;
    switch (kind) {
      case JointKind::kCovarPop: *out = s.ck / s.n; return true;
      case JointKind::kCovarSamp: *out = s.ck / (s.n - 1); return s.n > 1;
      case JointKind::kCorr: *out = s.ck / std::sqrt(s.x_m2 * s.y_m2); return s.n > 1;
      case JointKind::kRegrAvgX: *out = s.x_mean; return true;
      case JointKind::kRegrAvgY: *out = s.y_mean; return true;
      case JointKind::kRegrSxx: *out = s.x_m2; return true;
      case JointKind::kRegrSyy: *out = s.y_m2; return true;
      case JointKind::kRegrSxy: *out = s.ck; return true;
      case JointKind::kRegrSlope: *out = s.ck / s.x_m2; return s.n > 1 && s.x_m2 != 0;
      case JointKind::kRegrIntercept: *out = s.y_mean - s.ck / s.x_m2 * s.x_mean; return s.n > 1 && s.x_m2 != 0;
      case JointKind::kRegrR2: *out = s.y_m2 == 0 ? 1.0 : s.ck * s.ck / s.x_m2 / s.y_m2; return s.x_m2 != 0;
      default: return false;
    }
  }
};

struct ProductState {
  double product = 1;
  int64_t count = 0;
};

class Product final : public PodAggregate<Product, ProductState> {
 public:
  explicit Product(const AggregateArgs&) {}
  template <typename At>
  void Fold(std::span<const VectorPtr> args, int64_t begin, int64_t end, At at) const {
    EachValue<double>(*args[0], begin, end, [&](int64_t i, double x) {
      at(i).product *= x;
      ++at(i).count;
    });
  }
  void MergeInto(ProductState& into, const ProductState& from) const {
    into.product *= from.product;
    into.count += from.count;
  }
  VectorPtr Finish(std::byte* const* states, int64_t rows) const override {
    MutableVectorPtr out = Vector::MakeFlat(types::Double(), rows);
    for (int64_t i = 0; i < rows; ++i) {
      out->mutable_data<double>()[i] = At(states[i]).product;
      if (At(states[i]).count == 0) out->SetNull(i);
    }
    return out;
  }
  bool order_sensitive() const override { return true; }
};

template <MomentKind kind>
FunctionBuilder AddMoment(FunctionRegistry& registry, const char* name, const char* doc) {
  FunctionBuilder builder = registry.Aggregate(name, doc);
  builder.Group("agg_funcs")
      .AlwaysNullable()
      .AggregateOverload("double -> double", MakeAggregate<MomentAggregate<kind>>);
  return builder;
}
template <JointKind kind>
void AddJoint(FunctionRegistry& registry, const char* name, const char* doc) {
  bool count = kind == JointKind::kRegrCount;
  FunctionBuilder builder = registry.Aggregate(name, doc);
  builder.Group("agg_funcs")
      .AlwaysNullable()
      .AggregateOverload(count ? "double, double -> bigint" : "double, double -> double",
                         MakeAggregate<JointAggregate<kind>>);
  if (count) builder.NeverNull();
}

}  // namespace

void RegisterStatisticalAggregates(FunctionRegistry& registry) {
  AddMoment<MomentKind::kStddevSamp>(registry, "stddev_samp", "The standard deviation of a sample.")
      .Alias("stddev")
      .Alias("std");
  AddMoment<MomentKind::kStddevPop>(registry, "stddev_pop", "The standard deviation of a population.");
  AddMoment<MomentKind::kVarSamp>(registry, "var_samp", "The variance of a sample.").Alias("variance");
  AddMoment<MomentKind::kVarPop>(registry, "var_pop", "The variance of a population.");
  AddMoment<MomentKind::kSkewness>(registry, "skewness", "The skewness.");
  AddMoment<MomentKind::kKurtosis>(registry, "kurtosis", "The excess kurtosis.");
  AddJoint<JointKind::kCovarPop>(registry, "covar_pop", "The covariance of a population.");
  AddJoint<JointKind::kCovarSamp>(registry, "covar_samp", "The covariance of a sample.");
  AddJoint<JointKind::kCorr>(registry, "corr", "Pearson's correlation.");
  AddJoint<JointKind::kRegrCount>(registry, "regr_count", "How many pairs have no NULL.");
  AddJoint<JointKind::kRegrAvgX>(registry, "regr_avgx", "The mean of the independent variable.");
  AddJoint<JointKind::kRegrAvgY>(registry, "regr_avgy", "The mean of the dependent variable.");
  AddJoint<JointKind::kRegrSxx>(registry, "regr_sxx", "The sum of squares of the independent variable.");
  AddJoint<JointKind::kRegrSyy>(registry, "regr_syy", "The sum of squares of the dependent variable.");
  AddJoint<JointKind::kRegrSxy>(registry, "regr_sxy", "The sum of products of both variables.");
  AddJoint<JointKind::kRegrSlope>(registry, "regr_slope", "The slope of the regression line.");
  AddJoint<JointKind::kRegrIntercept>(registry, "regr_intercept", "The intercept of the regression line.");
  AddJoint<JointKind::kRegrR2>(registry, "regr_r2", "The coefficient of determination.");
  registry.Aggregate("product", "The product of the values.")
      .Group("agg_funcs")
      .OrderSensitive()
      .AlwaysNullable()
      .AggregateOverload("double -> double", MakeAggregate<Product>);
}

}  // namespace centella
