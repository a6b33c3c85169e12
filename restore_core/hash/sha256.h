// SPDX-License-Identifier: MIT
// SHA-256 by OpenSSL, which picks its kernel (SHA-NI, AVX2, ...) by what the CPU has and OPENSSL_ia32cap
// leaves.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"

namespace depthfinder {

// SHA-256 over the parts in order: sha256({payload}) is a plain chunk's digest, sha256({payload, id_key}) a
// keyed one.
Digest sha256(std::initializer_list<ByteSpan> parts);
inline Digest sha256(ByteSpan bytes) { return sha256({bytes}); }

// The same over a stream. Not thread-safe; finish() ends it.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(ByteSpan bytes);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// OpenSSL's own statement of the CPU features it uses, e.g. "OPENSSL_ia32cap=0x7ed8...:0x219c... env:...":
// the proof that a mask took.
std::string openssl_cpu_settings();

// The kernel that follows from these settings: "openssl-sha-ni", "openssl-avx2", "openssl-avx",
// "openssl-ssse3" or "openssl-generic".
std::string sha256_kernel();
// The same for given settings; "openssl-generic" for what is no x86 statement.
std::string sha256_kernel_for(std::string_view cpu_settings);

}  // namespace depthfinder
