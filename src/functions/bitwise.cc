// Bitwise operators and functions.
#include <bit>

#include "functions/kernels.h"
#include "functions/registry.h"

namespace centella {
namespace {

template <auto op>
void AddBinary(FunctionRegistry& registry, const char* name, const char* doc) {
  FunctionBuilder builder = registry.Scalar(name, doc);
  builder.Group("bitwise_funcs").OperatorSyntax();
  builder.Overload("tinyint, tinyint -> tinyint", Binary<int8_t, int8_t, int8_t, op>);
  builder.Overload("smallint, smallint -> smallint", Binary<int16_t, int16_t, int16_t, op>);
  builder.Overload("int, int -> int", Binary<int32_t, int32_t, int32_t, op>);
  builder.Overload("bigint, bigint -> bigint", Binary<int64_t, int64_t, int64_t, op>);
}

// Java takes shift distances modulo the width.
template <auto op>
void AddShift(FunctionRegistry& registry, const char* name, const char* alias, const char* doc) {
  FunctionBuilder builder = registry.Scalar(name, doc);
  builder.Alias(alias).Group("bitwise_funcs").OperatorSyntax();
  builder.Overload("int, int -> int", Binary<int32_t, int32_t, int32_t, op>);
  builder.Overload("bigint, int -> bigint", Binary<int64_t, int32_t, int64_t, op>);
}

template <typename T>
int8_t GetBit(const KernelArgs&, T value, int32_t position) {
  constexpr int kWidth = sizeof(T) * 8;
  if (position < 0 || position >= kWidth) {
    Raise(Condition::INVALID_PARAMETER_VALUE__BIT_POSITION_RANGE, {{"parameter", "`pos`"},
                                                                   {"functionName", "`bit_get`"},
                                                                   {"upper", std::to_string(kWidth)},
                                                                   {"invalidValue", std::to_string(position)}});
  }
  return static_cast<int8_t>((value >> position) & 1);
}

template <typename T>
int32_t CountBits(T value) {
  return std::popcount(static_cast<uint64_t>(static_cast<int64_t>(value)));
}

}  // namespace

void RegisterBitFunctions(FunctionRegistry& registry) {
  AddBinary<[](auto a, auto b) { return a & b; }>(registry, "&", "The bitwise AND.");
  AddBinary<[](auto a, auto b) { return a | b; }>(registry, "|", "The bitwise OR.");
  AddBinary<[](auto a, auto b) { return a ^ b; }>(registry, "^", "The bitwise exclusive OR.");
  AddShift<[](auto a, int32_t n) {
    using U = std::make_unsigned_t<decltype(a)>;
    return static_cast<decltype(a)>(static_cast<U>(a) << (static_cast<uint32_t>(n) % (sizeof(a) * 8)));
  }>(registry, "<<", "shiftleft", "The bits moved left.");
  AddShift<[](auto a, int32_t n) { return (a >> (static_cast<uint32_t>(n) % (sizeof(a) * 8))); }>(
      registry, ">>", "shiftright", "The bits moved right, the sign kept.");
  AddShift<[](auto a, int32_t n) {
    using U = std::make_unsigned_t<decltype(a)>;
    return static_cast<decltype(a)>(static_cast<U>(a) >> (static_cast<uint32_t>(n) % (sizeof(a) * 8)));
  }>(registry, ">>>", "shiftrightunsigned", "The bits moved right, zeros moved in.");
  constexpr auto invert = [](auto a) { return ~a; };
  registry.Scalar("~", "The bitwise complement.")
      .Group("bitwise_funcs")
      .OperatorSyntax()
      .Overload("tinyint -> tinyint", Unary<int8_t, int8_t, invert>)
      .Overload("smallint -> smallint", Unary<int16_t, int16_t, invert>)
      .Overload("int -> int", Unary<int32_t, int32_t, invert>)
      .Overload("bigint -> bigint", Unary<int64_t, int64_t, invert>);
  registry.Scalar("bit_count", "How many bits of the 64-bit value are set.")
      .Group("bitwise_funcs")
      .Example("SELECT bit_count(0)", "0")
      .Overload("tinyint -> int", Unary<int8_t, int32_t, CountBits<int8_t>>)
      .Overload("smallint -> int", Unary<int16_t, int32_t, CountBits<int16_t>>)
      .Overload("int -> int", Unary<int32_t, int32_t, CountBits<int32_t>>)
      .Overload("bigint -> int", Unary<int64_t, int32_t, CountBits<int64_t>>)
      .Overload("boolean -> int", Unary<uint8_t, int32_t, CountBits<uint8_t>>);
  registry.Scalar("bit_get", "The bit at a position, counted from the right.")
      .Alias("getbit")
      .Group("bitwise_funcs")
      .Example("SELECT bit_get(11, 0)", "1")
      .Overload("tinyint, int -> tinyint", BinaryLive<int8_t, int32_t, int8_t, GetBit<int8_t>>)
      .CanFail()
      .Overload("smallint, int -> tinyint", BinaryLive<int16_t, int32_t, int8_t, GetBit<int16_t>>)
      .CanFail()
      .Overload("int, int -> tinyint", BinaryLive<int32_t, int32_t, int8_t, GetBit<int32_t>>)
      .CanFail()
      .Overload("bigint, int -> tinyint", BinaryLive<int64_t, int32_t, int8_t, GetBit<int64_t>>)
      .CanFail();
}

}  // namespace centella
