// SPDX-License-Identifier: MIT
#include "restore_core/hash/sha256.h"

#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "restore_core/base/handle.h"
#include "restore_core/hash/cpu_words.h"

namespace depthfinder {
namespace {

using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

// Fetched once: OpenSSL 3 takes locks and walks its providers on every fetch, and EVP_sha256() fetches anew
// in every init. Never freed, so that threads still hashing at exit are safe.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  DF_CHECK(method != nullptr);
  return method;
}

// A context costs some 100 ns, nothing beside the milliseconds that a chunk's hash takes.
DigestContext start() {
  DigestContext context(EVP_MD_CTX_new());
  DF_CHECK(context != nullptr);
  DF_CHECK(EVP_DigestInit_ex2(context.get(), sha256_method(), nullptr) == 1);
  return context;
}

void add(EVP_MD_CTX* context, ByteSpan bytes) {
  if (bytes.empty()) return;
  DF_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

Digest finish_digest(EVP_MD_CTX* context) {
  Digest digest{};
  DF_CHECK(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace

Digest sha256(std::initializer_list<ByteSpan> parts) {
  const DigestContext context = start();
  for (const ByteSpan part : parts) add(context.get(), part);
  return finish_digest(context.get());
}

struct Sha256::State {
  DigestContext context = start();
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan bytes) {
  DF_CHECK(state_ != nullptr);
  add(state_->context.get(), bytes);
}

Digest Sha256::finish() {
  DF_CHECK(state_ != nullptr);
  const auto state = std::exchange(state_, nullptr);
  return finish_digest(state->context.get());
}

std::string openssl_cpu_settings() {
  const char* settings = OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS);
  return settings == nullptr ? std::string() : std::string(settings);
}

// The tests, and their order, are those at the door of OpenSSL 3's x86-64 SHA-256 (sha512-x86_64): AVX2
// counts only together with BMI1 and BMI2, plain AVX only on Intel CPUs, for which OpenSSL sets bit 30 of
// EDX.
std::string sha256_kernel_for(std::string_view cpu_settings) {
  const auto cpu = parse_cpu_words(cpu_settings);
  if (!cpu) return "openssl-generic";
  if (cpu->ebx7(29)) return "openssl-sha-ni";
  if (cpu->ebx7(3) && cpu->ebx7(5) && cpu->ebx7(8)) return "openssl-avx2";
  if (cpu->ecx(28) && cpu->ecx(9) && cpu->edx(30)) return "openssl-avx";
  if (cpu->ecx(9)) return "openssl-ssse3";
  return "openssl-generic";
}

std::string sha256_kernel() { return sha256_kernel_for(openssl_cpu_settings()); }

}  // namespace depthfinder
