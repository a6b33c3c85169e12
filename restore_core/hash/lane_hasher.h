// SPDX-License-Identifier: MIT
// LaneHasher: SHA-256 of several messages side by side. It knows the kernels that this CPU has, and OPENSSL_ia32cap
// leaves, with what each costs per byte, and runs the cheapest for as many messages as there are. Immutable once made;
// any thread may hash with it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// What is hashed: the body, and after it a suffix, which is empty or the id key of a keyed digest.
struct LaneMessage {
  ByteSpan body;
  ByteSpan suffix;
};

// One way to hash, and what it was measured to cost when all its lanes are full.
struct LaneKernel {
  std::string name;  // "openssl-sha-ni", "sha-ni-x2", "lanes-avx512-x16", ...
  int lanes = 1;     // messages side by side
  double ns_per_byte = 0;
};

class LaneHasher {
 public:
  // All kernels there are, each timed for a moment on the calling thread.
  static LaneHasher measured();
  // Only the named kernel, of unmeasured cost. Error: bad_input (not on this CPU, or masked).
  static Result<LaneHasher> only(std::string_view kernel);

  // digests[i] is SHA-256 of messages[i]; any number, of any lengths. What does not fill the lanes of one kernel is
  // hashed by another where that is cheaper.
  void hash(std::span<const LaneMessage> messages, std::span<Digest> digests) const;

  // How many messages at once make the most of this CPU.
  [[nodiscard]] int best_batch() const;
  // The kernel that hashes such a batch.
  [[nodiscard]] const LaneKernel& best_kernel() const;
  [[nodiscard]] const std::vector<LaneKernel>& kernels() const { return kernels_; }

 private:
  explicit LaneHasher(std::vector<LaneKernel> kernels) : kernels_(std::move(kernels)) {}
  std::vector<LaneKernel> kernels_;  // OpenSSL's is always among those that were measured
};

}  // namespace depthfinder
