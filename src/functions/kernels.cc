// Bitmaps of validity, as kernels and the evaluator combine them.
#include "functions/kernels.h"

namespace centella {

BufferPtr AndValidity(const BufferPtr& a, const BufferPtr& b, int64_t rows) {
  if (a == nullptr) return b;
  if (b == nullptr || a == b) return a;
  BufferPtr out = Buffer::Allocate(BitmapBytes(rows));
  const uint8_t* x = a->data();
  const uint8_t* y = b->data();
  uint8_t* z = out->mutable_data();
  for (int64_t i = 0; i < BitmapBytes(rows); ++i) z[i] = x[i] & y[i];
  return out;
}

BufferPtr ValidityOf(const VectorPtr& vector) {
  if (!vector->MayHaveNulls()) return nullptr;
  if (vector->is_flat() && vector->physical() != PhysicalType::kNull) return vector->validity_buffer();
  int64_t rows = vector->size();
  BufferPtr out = Buffer::AllocateZeroed(BitmapBytes(rows));
  if (vector->physical() == PhysicalType::kNull) return out;
  DecodedVector decoded(*vector);
  for (int64_t i = 0; i < rows; ++i) {
    if (!decoded.IsNull(i)) SetBit(out->mutable_data(), i);
  }
  return out;
}

VectorPtr WithValidity(VectorPtr vector, const BufferPtr& validity) {
  if (validity == nullptr || vector->physical() == PhysicalType::kNull) return vector;
  if (vector->is_dictionary()) {
    BufferPtr own = AndValidity(vector->validity_buffer(), validity, vector->size());
    return Vector::MakeDictionary(vector->base(), vector->data_buffer(), vector->size(), std::move(own));
  }
  if (vector->is_constant()) {
    if (vector->IsNull(0)) return vector;
    return Vector::MakeDictionary(vector->base(), Buffer::AllocateZeroed(vector->size() * 4), vector->size(), validity);
  }
  BufferPtr combined = AndValidity(vector->validity_buffer(), validity, vector->size());
  if (vector.use_count() == 1) {
    // The kernel has just made it and gave up its only reference, so it's still ours to finish.
    std::const_pointer_cast<Vector>(vector)->set_validity(std::move(combined));
    return vector;
  }
  return Vector::WrapFlat(vector->type(), vector->size(), vector->data_buffer(), std::move(combined), vector->heaps(),
                          vector->children());
}

}  // namespace centella
