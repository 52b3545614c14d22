// aes_encrypt, aes_decrypt and try_aes_decrypt: the modes GCM, CBC and ECB with keys of 16, 24 or 32 bytes.
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <string>

#include "functions/registry.h"
#include "functions/text_kernels.h"

namespace centella {
namespace {

constexpr const char* kFunctions = "`aes_encrypt`/`aes_decrypt`";
constexpr int kTagBytes = 16;

enum class Mode : uint8_t { kEcb, kCbc, kGcm };

struct Cipher {
  Mode mode;
  const EVP_CIPHER* method;
  int iv_bytes;
};

std::string Capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

[[noreturn]] void RaiseCrypto(const std::string& message) {
  Raise(Condition::INVALID_PARAMETER_VALUE__AES_CRYPTO_ERROR,
        {{"parameter", "`expr`, `key`"}, {"functionName", kFunctions}, {"detailMessage", message}});
}

Cipher ChooseCipher(std::string_view key, std::string_view mode, std::string_view padding) {
  const std::string name = Capitals(mode), pad = Capitals(padding);
  const bool standard = pad == "DEFAULT" || pad == "PKCS";
  const bool gcm = name == "GCM" && (pad == "DEFAULT" || pad == "NONE");
  if (!gcm && !(standard && (name == "ECB" || name == "CBC"))) {
    Raise(Condition::UNSUPPORTED_FEATURE__AES_MODE,
          {{"mode", std::string(mode)}, {"padding", std::string(padding)}, {"functionName", kFunctions}});
  }
  if (key.size() != 16 && key.size() != 24 && key.size() != 32) {
    Raise(Condition::INVALID_PARAMETER_VALUE__AES_KEY_LENGTH,
          {{"parameter", "`key`"}, {"functionName", kFunctions}, {"actualLength", std::to_string(key.size())}});
  }
  const EVP_CIPHER* method = nullptr;
  const Mode chosen = gcm ? Mode::kGcm : name == "CBC" ? Mode::kCbc : Mode::kEcb;
  switch (key.size()) {
    case 16: method = gcm ? EVP_aes_128_gcm() : chosen == Mode::kCbc ? EVP_aes_128_cbc() : EVP_aes_128_ecb(); break;
    case 24: method = gcm ? EVP_aes_192_gcm() : chosen == Mode::kCbc ? EVP_aes_192_cbc() : EVP_aes_192_ecb(); break;
    default: method = gcm ? EVP_aes_256_gcm() : chosen == Mode::kCbc ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
  }
  return {chosen, method, gcm ? 12 : chosen == Mode::kCbc ? 16 : 0};
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

const char* ModeName(Mode mode) { return mode == Mode::kGcm ? "GCM" : mode == Mode::kCbc ? "CBC" : "ECB"; }

std::string Encrypt(std::string_view text, std::string_view key, const Cipher& cipher, std::string_view iv,
                    std::string_view aad) {
  std::string vector(iv);
  if (!vector.empty() && cipher.mode == Mode::kEcb) {
    Raise(Condition::UNSUPPORTED_FEATURE__AES_MODE_IV, {{"mode", "ECB"}, {"functionName", "`aes_encrypt`"}});
  }
  if (!vector.empty() && static_cast<int>(vector.size()) != cipher.iv_bytes) {
    Raise(Condition::INVALID_PARAMETER_VALUE__AES_IV_LENGTH, {{"mode", ModeName(cipher.mode)},
                                                              {"parameter", "`iv`"},
                                                              {"functionName", kFunctions},
                                                              {"actualLength", std::to_string(vector.size())}});
  }
  if (!aad.empty() && cipher.mode != Mode::kGcm) {
    Raise(Condition::UNSUPPORTED_FEATURE__AES_MODE_AAD,
          {{"mode", ModeName(cipher.mode)}, {"functionName", "`aes_encrypt`"}});
  }
  if (vector.empty() && cipher.iv_bytes > 0) {
    vector.resize(cipher.iv_bytes);
    CENTELLA_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(vector.data()), cipher.iv_bytes) == 1, "random bytes");
  }
  Context context(EVP_CIPHER_CTX_new());
  std::string out = vector;
  out.resize(vector.size() + text.size() + 32);
  auto* to = reinterpret_cast<unsigned char*>(out.data()) + vector.size();
  int written = 0, more = 0, ignored = 0;
  bool good = EVP_EncryptInit_ex(context.get(), cipher.method, nullptr, Bytes(key), Bytes(vector)) == 1;
  if (!aad.empty()) {
    good = good && EVP_EncryptUpdate(context.get(), nullptr, &ignored, Bytes(aad), static_cast<int>(aad.size())) == 1;
  }
  good = good && EVP_EncryptUpdate(context.get(), to, &written, Bytes(text), static_cast<int>(text.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), to + written, &more) == 1;
  written += more;
  if (good && cipher.mode == Mode::kGcm) {
    good = EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, to + written) == 1;
    written += kTagBytes;
  }
  if (!good) RaiseCrypto("the cipher failed");
  out.resize(vector.size() + static_cast<size_t>(written));
  return out;
}

std::string Decrypt(std::string_view text, std::string_view key, const Cipher& cipher, std::string_view aad) {
  if (!aad.empty() && cipher.mode != Mode::kGcm) {
    Raise(Condition::UNSUPPORTED_FEATURE__AES_MODE_AAD,
          {{"mode", ModeName(cipher.mode)}, {"functionName", "`aes_decrypt`"}});
  }
  const auto least = static_cast<size_t>(cipher.iv_bytes + (cipher.mode == Mode::kGcm ? kTagBytes : 0));
  if (text.size() < least) RaiseCrypto("Invalid buffer arguments");
  const std::string_view iv = text.substr(0, cipher.iv_bytes);
  std::string_view body = text.substr(cipher.iv_bytes);
  std::string tag;
  if (cipher.mode == Mode::kGcm) {
    tag = body.substr(body.size() - kTagBytes);
    body.remove_suffix(kTagBytes);
  }
  Context context(EVP_CIPHER_CTX_new());
  std::string out(body.size() + 32, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int written = 0, more = 0, ignored = 0;
  bool good = EVP_DecryptInit_ex(context.get(), cipher.method, nullptr, Bytes(key), Bytes(iv)) == 1;
  if (!aad.empty()) {
    good = good && EVP_DecryptUpdate(context.get(), nullptr, &ignored, Bytes(aad), static_cast<int>(aad.size())) == 1;
  }
  good = good && EVP_DecryptUpdate(context.get(), to, &written, Bytes(body), static_cast<int>(body.size())) == 1;
  if (!tag.empty()) {
    good = good && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1;
  }
  good = good && EVP_DecryptFinal_ex(context.get(), to + written, &more) == 1;
  if (!good) RaiseCrypto(cipher.mode == Mode::kGcm ? "Tag mismatch" : "Given final block not properly padded");
  out.resize(static_cast<size_t>(written + more));
  return out;
}

// Arguments: text, key [, mode [, padding [, iv (encryption only)] [, aad]]].
class Arguments {
 public:
  Arguments(const KernelArgs& call, int64_t row) : call_(call), row_(row) {}
  std::string_view operator()(size_t arg, std::string_view otherwise) const {
    return arg < call_.args.size() ? call_.data<StringView>(arg)[call_.index(arg, row_)].view() : otherwise;
  }

 private:
  const KernelArgs& call_;
  int64_t row_;
};

template <bool encrypt, bool tolerant>
VectorPtr Aes(const KernelArgs& call) {
  MutableVectorPtr out = Vector::MakeFlat(call.result_type, call.rows);
  auto* to = out->mutable_data<StringView>();
  std::fill(to, to + call.rows, StringView());
  StringHeap heap;
  ForLive(call, [&](int64_t i) {
    const Arguments args(call, i);
    try {
      const std::string_view key = args(1, "");
      const Cipher cipher = ChooseCipher(key, args(2, "GCM"), args(3, "DEFAULT"));
      to[i] = heap.Add(encrypt ? Encrypt(args(0, ""), key, cipher, args(4, ""), args(5, ""))
                               : Decrypt(args(0, ""), key, cipher, args(4, "")));
    } catch (const Error&) {
      if (!tolerant) throw;
      out->SetNull(i);
    }
  });
  heap.MoveTo(*out);
  return out;
}

}  // namespace

void RegisterCiphers(FunctionRegistry& registry) {
  FunctionBuilder encrypt = registry.Scalar("aes_encrypt", "The bytes encrypted by AES.");
  encrypt.Group("misc_funcs").AlwaysNullable().Nondeterministic();
  FunctionBuilder decrypt = registry.Scalar("aes_decrypt", "The bytes that aes_encrypt encrypted.");
  decrypt.Group("misc_funcs").AlwaysNullable();
  FunctionBuilder tolerant = registry.Scalar("try_aes_decrypt", "As aes_decrypt, but NULL when it fails.");
  tolerant.Group("misc_funcs").AlwaysNullable();
  std::string signature = "binary, binary";
  for (const char* next : {"", ", string", ", string", ", binary", ", binary"}) {
    signature += next;
    encrypt.Overload(signature + " -> binary", Aes<true, false>).CanFail();
    if (signature.ends_with("binary, binary, string, string, binary, binary")) continue;
    decrypt.Overload(signature + " -> binary", Aes<false, false>).CanFail();
    tolerant.Overload(signature + " -> binary", Aes<false, true>);
  }
}

}  // namespace centella
