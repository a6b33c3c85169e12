// SPDX-License-Identifier: MIT
// LaneHasher: SHA-256 of several messages side by side. It knows the kernels that this CPU has, and OPENSSL_ia32cap
// leaves, with what each costs per byte, and runs the cheapest for as many messages as there are. Immutable once made;
// any thread may hash with it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/hash/lane_kernel.h"
#include "restore_core/hash/lane_message.h"

namespace depthfinder {

class LaneHasher {
 public:
  // All kernels there are, each timed for a moment on the calling thread, on bytes that its caches hold: some 2 ms in all.
  // What memory-cold bytes cost is the business of `profile`.
  static LaneHasher measured();
  // Only the named kernel, of unmeasured cost. Error: bad_input (not on this CPU, or masked).
  static Result<LaneHasher> only(std::string_view kernel);
  // These kernels at these costs. There is at least one.
  explicit LaneHasher(std::vector<LaneKernel> kernels);

  // digests[i] is SHA-256 of messages[i]; any number, of any lengths. What does not fill the lanes of one kernel is
  // hashed by another where that is cheaper.
  void hash(std::span<const LaneMessage> messages, std::span<Digest> digests) const;

  // How many messages at once make the most of this CPU.
  [[nodiscard]] int best_batch() const { return best_kernel().lanes; }
  // The kernel that hashes such a batch.
  [[nodiscard]] const LaneKernel& best_kernel() const;
  // The kernel that runs while this many messages are left (at least one).
  [[nodiscard]] const LaneKernel& kernel_for(int messages) const;
  // OpenSSL's is the first of those that were measured.
  [[nodiscard]] const std::vector<LaneKernel>& kernels() const { return kernels_; }

 private:
  std::vector<LaneKernel> kernels_;
  std::vector<std::size_t> first_choice_;  // [n - 1]: the kernel for n messages, as an index
};

}  // namespace depthfinder
